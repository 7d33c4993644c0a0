/** A parent that starts an HSM process, tells its id, and waits to be killed. */
import { WorkerProcess } from '../../../src/hsm/worker-process.ts';

const worker = new WorkerProcess('hsmdev-test', {}, 10);
process.stdout.write(`${worker.pid}\n`);
setInterval(() => {}, 1_000);
