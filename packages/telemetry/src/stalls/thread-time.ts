import { openSync, readSync } from 'node:fs';

/** What the thread did with a processor, in milliseconds since its start. */
export interface ThreadTime {
  readonly ran: number;
  /** How long the thread was ready to run and waited for a processor. Undefined where the system does not tell. */
  readonly waited: number | undefined;
}

const text = Buffer.alloc(64);
/** Linux' file of this thread. It stays open, since opening it takes longer than reading it. */
let schedstat: number | undefined;

/** The thread's time, from Linux' schedstat in nanoseconds; elsewhere as Node tells it, before Node 22.19 the process's. */
export function threadTime(): ThreadTime {
  try {
    schedstat ??= openSync('/proc/thread-self/schedstat', 'r');
    const [ran, waited] = text
      .toString('latin1', 0, readSync(schedstat, text, 0, text.length, 0))
      .split(' ')
      .map(Number);
    if (ran) return { ran: ran / 1e6, waited: (waited ?? 0) / 1e6 };
  } catch {} // another system, or a Node without permission for the file
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return { ran: (user + system) / 1e3, waited: undefined };
}
