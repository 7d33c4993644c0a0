/**
 * Lets all who ask at once share one look: another begins only when the one under way has ended. For pages that anybody
 * may ask for, and whose looks cost the database something.
 */
export function sharedLook<T>(look: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= look().finally(() => {
      running = undefined;
    });
    return running;
  };
}
