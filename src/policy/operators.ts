import { lookup, table } from '../core/table.ts';
import { compareDecimals, parseDecimal } from './decimal.ts';
import { compileGlob } from './glob.ts';
import { parseInstant } from './instant.ts';
import { isInRange, parseAddress, parseRange } from './ip-range.ts';

/** Reads a condition key's value out of a request; undefined when the text is not of the operator's type. */
export type ValueReader = (text: string) => unknown;

/** A condition operator, types erased: what a row of the table offers to validation, compilation and evaluation. */
export interface Operator {
  /** True for the operators that hold when none of their values matches: `StringNotEquals`, `NotIpAddress`, … */
  readonly negated: boolean;
  /** What a value in a document must be, in words. */
  readonly expects: string;
  /** Whether a document may hold this value. */
  readonly accepts: (text: string) => boolean;
  /** Reads request values. Operators that read alike share the function, so that a value is read once per decision. */
  readonly read: ValueReader;
  /**
   * Compiles a document's values (all accepted) into a test of one value that `read` gave: whether any of them
   * matches. Knows nothing of negation.
   */
  readonly compile: (values: readonly string[]) => (given: unknown) => boolean;
}

interface Family<Given, Wanted> {
  readonly expects: string;
  readonly read: (text: string) => Given | undefined;
  readonly wanted: (text: string) => Wanted | undefined;
}

function operator<Given, Wanted>(
  family: Family<Given, Wanted>,
  negated: boolean,
  matches: (given: Given, wanted: Wanted) => boolean,
): Operator {
  return {
    negated,
    expects: family.expects,
    accepts: (text) => family.wanted(text) !== undefined,
    read: family.read,
    compile: (values) => {
      const wanted = values.map((value) => family.wanted(value)).filter((value) => value !== undefined);
      const only = wanted[0];
      if (wanted.length === 1 && only !== undefined) return (given) => matches(given as Given, only);
      return (given) => wanted.some((value) => matches(given as Given, value));
    },
  };
}

const asIs = (text: string): string => text;
const lower = (text: string): string => text.toLowerCase();
const bool = (text: string): boolean | undefined => (text === 'true' ? true : text === 'false' ? false : undefined);

const STRING: Family<string, string> = { expects: 'text', read: asIs, wanted: asIs };
const FOLDED: Family<string, string> = { expects: 'text', read: lower, wanted: lower };
const PATTERN: Family<string, (text: string) => boolean> = { expects: 'text', read: asIs, wanted: compileGlob };
const NUMBER = {
  expects: 'an integer or decimal number such as `10` or `2.5`',
  read: parseDecimal,
  wanted: parseDecimal,
};
const DATE = {
  expects: 'an ISO 8601 instant such as `2026-01-01T00:00:00+08:00`',
  read: parseInstant,
  wanted: parseInstant,
};
const BOOL: Family<boolean, boolean> = { expects: '`true` or `false`', read: bool, wanted: bool };
const ADDRESS = {
  expects: 'an IPv4 or IPv6 address or CIDR block',
  read: parseAddress,
  wanted: parseRange,
};

const same = <T>(given: T, wanted: T): boolean => given === wanted;
const like = (given: string, fits: (text: string) => boolean): boolean => fits(given);

/** The 21 operators RAM documents. There are no others: an operator that is ignored makes an Allow too wide. */
export const OPERATORS = table({
  StringEquals: operator(STRING, false, same),
  StringNotEquals: operator(STRING, true, same),
  StringEqualsIgnoreCase: operator(FOLDED, false, same),
  StringNotEqualsIgnoreCase: operator(FOLDED, true, same),
  StringLike: operator(PATTERN, false, like),
  StringNotLike: operator(PATTERN, true, like),
  NumericEquals: operator(NUMBER, false, (given, wanted) => compareDecimals(given, wanted) === 0),
  NumericNotEquals: operator(NUMBER, true, (given, wanted) => compareDecimals(given, wanted) === 0),
  NumericLessThan: operator(NUMBER, false, (given, wanted) => compareDecimals(given, wanted) < 0),
  NumericLessThanEquals: operator(NUMBER, false, (given, wanted) => compareDecimals(given, wanted) <= 0),
  NumericGreaterThan: operator(NUMBER, false, (given, wanted) => compareDecimals(given, wanted) > 0),
  NumericGreaterThanEquals: operator(NUMBER, false, (given, wanted) => compareDecimals(given, wanted) >= 0),
  DateEquals: operator(DATE, false, same),
  DateNotEquals: operator(DATE, true, same),
  DateLessThan: operator(DATE, false, (given, wanted) => given < wanted),
  DateLessThanEquals: operator(DATE, false, (given, wanted) => given <= wanted),
  DateGreaterThan: operator(DATE, false, (given, wanted) => given > wanted),
  DateGreaterThanEquals: operator(DATE, false, (given, wanted) => given >= wanted),
  Bool: operator(BOOL, false, same),
  IpAddress: operator(ADDRESS, false, isInRange),
  NotIpAddress: operator(ADDRESS, true, isInRange),
});

export type OperatorName = keyof typeof OPERATORS;

/**
 * How an operator treats a key with several values in the request. `ForAllValues`: each must pass, and none at all
 * passes. `ForAnyValue`: at least one must pass.
 */
export type SetPrefix = 'ForAllValues' | 'ForAnyValue';

/** Reads an operator as documents write it, `StringLike` or `ForAllValues:StringLike`; undefined when there is none. */
export function parseOperator(text: string): { prefix: SetPrefix | undefined; name: OperatorName } | undefined {
  const [first = '', second, extra] = text.split(':');
  if (second === undefined) return lookup(OPERATORS, first) && { prefix: undefined, name: first as OperatorName };
  if (extra !== undefined || (first !== 'ForAllValues' && first !== 'ForAnyValue')) return undefined;
  return lookup(OPERATORS, second) && { prefix: first, name: second as OperatorName };
}
