import { closeSync, openSync, readSync } from 'node:fs';

/** What the thread did with a processor, in milliseconds since its start. */
export interface ThreadTime {
  readonly ran: number;
  /** How long the thread was ready to run and waited for a processor. Undefined where the system does not tell. */
  readonly waited: number | undefined;
}

/** Where a thread reads its time; without a file, Node tells. */
export interface ThreadTimeFile {
  readonly file: number | undefined;
  readonly text: Buffer;
}

/**
 * Opens Linux' `/proc/thread-self/schedstat` for this thread: nanoseconds that it ran, and that it waited for a processor. An
 * open file takes a microsecond to read.
 */
export function openThreadTime(): ThreadTimeFile {
  const text = Buffer.alloc(64);
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    readSync(file, text, 0, text.length, 0);
    if (Number.parseInt(text.toString('latin1'), 10) > 0) return { file, text };
    closeSync(file);
  } catch {
    // Another system, or a Node without permission for the file.
  }
  return { file: undefined, text };
}

export function closeThreadTime({ file, text }: ThreadTimeFile): ThreadTimeFile {
  if (file !== undefined) closeSync(file);
  return { file: undefined, text };
}

/** The thread's time as Node tells it: before Node 22.19 the process's. */
export function timeOfNode(): ThreadTime {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return { ran: (user + system) / 1e3, waited: undefined };
}
