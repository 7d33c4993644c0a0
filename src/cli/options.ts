import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { ForOperators } from '../core/for-operators.ts';

/** The command line does not fit the command. */
export class UsageError extends Error implements ForOperators {
  readonly forOperators = true;
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Reads a command's options strictly; throws {@link UsageError} with the parser's sentence. */
export function options<const T extends ParseArgsOptionsConfig>(args: readonly string[], config: T) {
  try {
    return parseArgs({ args: [...args], options: config, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
