/**
 * A refusal as JSON, made comparable: its diagnostic message is sealed anew each time. What it holds and how long it is
 * has a test of its own.
 */
export function alike(refusal: object): string {
  return JSON.stringify(refusal, (name, value) => (name === 'EncodedDiagnosticMessage' ? 'sealed' : value));
}
