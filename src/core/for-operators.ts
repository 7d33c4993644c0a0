/**
 * Marks an error whose message is a whole sentence for whoever runs the program: what is wrong, and what to do. Any
 * other error that ends the program is a defect of it.
 */
export interface ForOperators {
  readonly forOperators: true;
  /** What is wrong may pass by itself, so that another start is worth a try. */
  readonly mayPass?: true;
}

export function isForOperators(error: unknown): error is Error & ForOperators {
  return error instanceof Error && (error as Partial<ForOperators>).forOperators === true;
}
