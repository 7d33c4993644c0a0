import { type Json, JsonRefused, readJson } from '../core/json.ts';
import { MalformedPolicy } from './malformed-policy.ts';

/** Reads a policy document's JSON: a member written twice would turn a Deny into nothing. Throws {@link MalformedPolicy}. */
export function readStrictJson(text: string): Json {
  try {
    return readJson(text);
  } catch (error) {
    throw error instanceof JsonRefused ? new MalformedPolicy(error.path, error.message) : error;
  }
}
