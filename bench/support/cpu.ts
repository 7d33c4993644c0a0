/** CPU time of another process, from the kernel's own accounts (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds of CPU a process has used so far. */
export interface CpuTime {
  /** The thread that runs JavaScript's event loop. */
  readonly main: number;
  /** All threads. */
  readonly all: number;
}

function threadTime(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    // The thread has just ended.
    return 0;
  }
}

export function cpuTime(pid: number): CpuTime {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => ({ thread, time: threadTime(pid, thread) }));
  return {
    main: threads.find(({ thread }) => Number(thread) === pid)?.time ?? 0,
    all: threads.reduce((sum, { time }) => sum + time, 0),
  };
}

/** Resident memory of a process, in MiB: as it is, and at its highest. */
export function memoryMb(pid: number): { readonly resident: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024);
  return { resident: of('VmRSS'), peak: of('VmHWM') };
}
