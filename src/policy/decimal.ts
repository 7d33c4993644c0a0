/** A decimal number without loss: digits before and after the point, without redundant zeros. */
export interface Decimal {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** Reads `10`, `-2.50`, `+7`; undefined for anything else (no exponents, no bare point). */
export function parseDecimal(text: string): Decimal | undefined {
  const found = DECIMAL.exec(text);
  if (found === null) return undefined;
  const whole = found[2]!.replace(/^0+/, '');
  let end = found[3]?.length ?? 0;
  while (end > 0 && found[3]![end - 1] === '0') end -= 1;
  const fraction = found[3]?.slice(0, end) ?? '';
  return { negative: found[1] === '-' && whole + fraction !== '', whole, fraction };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Negative, zero or positive as `a` is below, at or above `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const size = a.whole.length - b.whole.length || compareText(a.whole, b.whole) || compareText(a.fraction, b.fraction);
  return a.negative ? 0 - size : size;
}
