/** Keys and places in lists, from the top of the file. */
export type Path = readonly (string | number)[];

/** What a key must look like to be repeated: anything else may be a value that a slip has made a key of, a password. */
const WORD = /^[\w.<-]{1,40}$/;

/** A place in the file as messages name it. */
export function placeText(path: Path): string {
  const steps = path.map((step) => (typeof step === 'number' || WORD.test(step) ? step : '…'));
  return steps.join('.') || '(top)';
}
