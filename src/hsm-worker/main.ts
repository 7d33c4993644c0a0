/**
 * The child process of one HSM. Speaks the frames of `protocol.ts` on file descriptor 3, which is all it listens to;
 * when the parent's end closes, it exits. Calls run one after another, synchronously.
 */
import { Socket } from 'node:net';
import { createDispatcher } from './dispatch.ts';
import { FrameReader } from './protocol.ts';

/** Answers go out together, but not later than after this many. */
const BATCH = 64;

const socket = new Socket({ fd: 3 });
const reader = new FrameReader();
const dispatch = createDispatcher();
let answers: Buffer[] = [];

function flush(): void {
  if (answers.length === 0) return;
  socket.write(answers.length === 1 ? answers[0]! : Buffer.concat(answers));
  answers = [];
}

socket.on('data', (chunk: Buffer) => {
  try {
    reader.push(chunk, (id, op, body) => {
      const { frame, fatal } = dispatch(id, op, body);
      if (answers.push(frame) >= BATCH) flush();
      if (fatal) throw new Error('fatal');
    });
    flush();
  } catch {
    // Either the HSM is lost or the stream is garbage: nothing more can be answered here.
    flush();
    socket.end(() => process.exit(3));
    socket.removeAllListeners('data');
  }
});
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) {
  // A terminal sends these to the whole group; the parent decides when its HSMs stop.
  process.on(signal, () => {});
}
