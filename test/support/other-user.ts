const NOBODY = 65_534;

/** Runs work as a user whom file modes hold back: tests that run as root would see no refusal. */
export async function asOtherUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid!() !== 0) return work();
  process.seteuid!(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}
