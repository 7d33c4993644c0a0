/** Stands in for the SQLite thread: opens, and then does what the test asks for. */
import { parentPort, workerData } from 'node:worker_threads';

const { file: behaviour } = workerData as { file: string };
if (behaviour === 'ends at once') process.exit(3);
parentPort!.on('message', () => {
  if (behaviour === 'ends') process.exit(3);
  if (behaviour === 'throws') throw new Error('out of luck');
});
parentPort!.postMessage({ opened: true });
