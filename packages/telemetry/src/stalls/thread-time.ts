import fs from 'node:fs';

/** What a thread did with a processor, in milliseconds since its start. */
export interface ThreadTime {
  readonly ran: number;
  /** How long the thread was ready to run and waited for a processor. Undefined where the system does not tell. */
  readonly waited: number | undefined;
  /** The same of each thread of the process, by its id. */
  readonly waits?: ReadonlyMap<string, number>;
  /** How far the processor's clock is behind. It stands still while a virtual machine is given no processor. */
  readonly behind?: number;
  /** How often the thread moved to another processor, which has a clock of its own. */
  readonly moves?: number;
}

const CLOCK = /^se\.exec_start\s*:\s*([\d.]+)$.*?^se\.nr_migrations\s*:\s*(\d+)$/ms;
const MOST_THREADS = 64;

// An app may replace the clock for its tests, or trace its files.
const now = performance.now.bind(performance);
const { closeSync, openSync, readdirSync, readSync } = fs;
const text = Buffer.alloc(2_048);
/** Linux' files of threads, by path. They stay open, since opening one takes longer than reading it. */
const files = new Map<string, number>();

/** The thread's time, from Linux' schedstat and sched; elsewhere as Node tells it, before Node 22.19 the process's. */
export function threadTime(): ThreadTime {
  const [ran = 0, waited] = timesOf('thread-self');
  if (ran > 0) {
    const at = now();
    const [, clock, moves] = CLOCK.exec(read('/proc/thread-self/sched')) ?? [];
    return {
      ran,
      waited,
      waits: waitsOfAll(),
      ...(clock && { behind: at - Number(clock), moves: Number(moves) }),
    };
  }
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return { ran: (user + system) / 1e3, waited: undefined };
}

/** Empty when the process has no file left, or no permission. */
function waitsOfAll(): Map<string, number> {
  try {
    if (files.size > 2 * MOST_THREADS) {
      const open = [...files.values()]; // most are of threads that ended
      files.clear();
      for (const file of open) closeSync(file);
    }
    const ids = readdirSync('/proc/self/task').slice(0, MOST_THREADS);
    return new Map(ids.map((id) => [id, timesOf(`self/task/${id}`)[1] ?? 0]));
  } catch {
    return new Map();
  }
}

/** The milliseconds that a thread ran and waited. */
function timesOf(thread: string): number[] {
  return read(`/proc/${thread}/schedstat`)
    .split(' ')
    .map((nanoseconds) => Number(nanoseconds) / 1e6);
}

/** Empty on another system, in a Node without permission for the file, or when the thread has ended. */
function read(path: string): string {
  try {
    const file = files.get(path) ?? openSync(path, 'r');
    files.set(path, file);
    return text.toString('latin1', 0, readSync(file, text, 0, text.length, 0));
  } catch {
    return '';
  }
}
