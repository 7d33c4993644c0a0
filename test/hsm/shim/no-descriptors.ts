/** Uses up all file descriptors, then starts an HSM process; tells how that ended. */
import { closeSync, openSync } from 'node:fs';
import { WorkerProcess } from '../../../src/hsm/worker-process.ts';

const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
  // None is left.
}
const worker = new WorkerProcess('hsmdev-test', {}, 10);
const why = await worker.exited;
for (const fd of taken) closeSync(fd);
process.stdout.write(`${why}\n`);
