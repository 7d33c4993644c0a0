import { Secret } from '../core/secret.ts';
import { SealBroken, type Sealer } from './seal.ts';

/** What a refused call was judged by, for whoever administers the caller's account. */
export interface Diagnostic {
  readonly action: string;
  /** As the caller named it: what was found behind an alias is not told here either. */
  readonly resource: string;
  /** What every request carries, and the operation's own; nothing that only records say. */
  readonly conditions: readonly (readonly [key: string, values: readonly string[]])[];
  readonly principal: { readonly type: string; readonly ownerId: string; readonly displayName: string };
  readonly explicitDeny: boolean;
  readonly policyType: string;
  /** On an explicit deny, the policies that hold the denying statements. */
  readonly matched: readonly {
    readonly attachedTo: string;
    readonly identifier: string;
    readonly type: string;
    readonly version: string;
  }[];
}

/** Makes every message begin with `AQ`, as the vendor's do. */
const HEAD = Buffer.from([1, 0]);

/** Lengths in bytes are multiples of this, so that the length of a message tells next to nothing. */
const BLOCK = 512;

const binding = (account: string): string => `ram.diagnostic/${account}`;

/** The message: sealed, so that nobody can make or change one, for the account of the caller it is about. */
export function encodeDiagnostic(sealer: Sealer, diagnostic: Diagnostic): string {
  const text = JSON.stringify(diagnostic);
  const bytes = Buffer.byteLength(text);
  const padding = ' '.repeat(Math.ceil(bytes / BLOCK) * BLOCK - bytes);
  const sealed = sealer.seal(binding(diagnostic.principal.ownerId), Secret.ofText(text + padding));
  return Buffer.concat([HEAD, Buffer.from(sealed, 'base64')]).toString('base64');
}

/** Undefined when the message is not one about callers of this account, or is damaged. */
export function decodeDiagnostic(sealer: Sealer, account: string, message: string): Diagnostic | undefined {
  const bytes = Buffer.from(message, 'base64');
  if (!bytes.subarray(0, HEAD.length).equals(HEAD)) return undefined;
  try {
    const opened = sealer.open(binding(account), bytes.subarray(HEAD.length).toString('base64'));
    return JSON.parse(opened.revealText()) as Diagnostic;
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}
