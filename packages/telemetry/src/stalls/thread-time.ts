import { closeSync, openSync, readSync } from 'node:fs';

/** What the thread did with a processor, in milliseconds since its start. */
export interface ThreadTime {
  readonly ran: number;
  /** How long the thread was ready to run and waited for a processor. Undefined where the system does not tell. */
  readonly waited: number | undefined;
}

export interface ThreadClock {
  read(): ThreadTime;
  close(): void;
}

/**
 * Opens the processor time of this thread: on Linux `/proc/thread-self/schedstat`, whose open file takes a microsecond to
 * read; elsewhere, and where the file may not be read, what Node tells, which is the process's before Node 22.19.
 */
export function openThreadClock(): ThreadClock {
  const ofNode: ThreadClock = { read: readNode, close() {} };
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const text = Buffer.alloc(64);
    const read = () => {
      const length = readSync(file, text, 0, text.length, 0);
      const [ran, waited] = text.toString('latin1', 0, length).split(' ');
      return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 };
    };
    if (read().ran > 0) return { read, close: () => closeSync(file) };
    closeSync(file);
  } catch {
    // Another system, or a Node without permission for the file.
  }
  return ofNode;
}

function readNode(): ThreadTime {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return { ran: (user + system) / 1e3, waited: undefined };
}
