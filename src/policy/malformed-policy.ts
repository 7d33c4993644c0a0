/**
 * A policy document that breaks the grammar. The message is one sentence for whoever wrote the document and begins with
 * the place at fault; it becomes the detail of the API's error (MalformedPolicyDocument, InvalidParameter.PolicyGrammar).
 */
export class MalformedPolicy extends Error {
  /** Member at fault, such as `Statement[0].Condition.StringEqualsIfExists`; empty for the document as a whole. */
  readonly path: string;
  /** What is wrong there, without the place. */
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(`${path === '' ? 'The policy document' : path}: ${problem}.`);
    this.name = 'MalformedPolicy';
    this.path = path;
    this.problem = problem;
  }
}
