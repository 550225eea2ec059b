import fs from 'node:fs';
import { monotonicNow } from '../../common/primordials.ts';

/** What a thread did with a processor, in milliseconds since its start. */
export interface OwnTime {
  readonly ran: number;
  /** How long the thread was ready to run and waited for a processor. Undefined where the system does not tell. */
  readonly waited: number | undefined;
  /** Whether `ran` is the whole process's, because Node does not tell the thread's. */
  readonly isOfProcess?: boolean;
}

/** What tells of other reasons why a thread did not run. It takes a file for each thread of the process. */
export interface Surroundings {
  /** How long each other thread of the process waited for a processor, by its id. */
  readonly waits?: ReadonlyMap<string, number>;
  /** How far the processor's clock is behind. It stands still while a virtual machine is given no processor. */
  readonly behind?: number;
  /** How often the thread moved to another processor, which has a clock of its own. */
  readonly moves?: number;
}

export type ThreadTime = OwnTime & Surroundings;

const CLOCK = /^se\.exec_start\s*:\s*([\d.]+)$.*?^se\.nr_migrations\s*:\s*(\d+)$/ms;
const MOST_THREADS = 64;

// An app may replace these, too, to watch its files.
const { closeSync, openSync, readdirSync, readlinkSync, readSync } = fs;
const text = Buffer.alloc(2_048);

/**
 * The file of this thread's own time. It alone stays open, as reading it takes 1.7 µs, and opening it each time 5.5 µs;
 * a file for each thread in each thread would be more than a process may open. Null on a system without it.
 */
let own: number | null | undefined = process.platform === 'linux' ? undefined : null;

/** The thread's time, from Linux' schedstat; elsewhere as Node tells it, before Node 22.19 the process's. */
export function ownTime(): OwnTime {
  const times = readOwn();
  const end = times.indexOf(' ');
  const ran = Number(times.slice(0, end)) / 1e6;
  if (ran > 0) return { ran, waited: Number(times.slice(end, times.indexOf(' ', end + 1))) / 1e6 };
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  const isOfProcess = process.threadCpuUsage === undefined;
  return { ran: (user + system) / 1e3, waited: undefined, ...(isOfProcess && { isOfProcess }) };
}

/** The other threads' waits, and the clock of the processor; nothing where Linux' files are not to be had. */
export function surroundings(): Surroundings {
  if (typeof own !== 'number') return {};
  const at = monotonicNow();
  const [, clock, moves] = CLOCK.exec(read('/proc/thread-self/sched')) ?? [];
  return { waits: waitsOfOthers(), ...(clock && { behind: at - Number(clock), moves: Number(moves) }) };
}

/** Closes the kept file. A later reading opens it again. */
export function closeOwnTime(): void {
  if (typeof own !== 'number') return;
  const file = own;
  own = undefined;
  try {
    closeSync(file);
  } catch {
    // the app has closed it
  }
}

function readOwn(): string {
  if (own === null) return '';
  try {
    own ??= openSync('/proc/thread-self/schedstat', 'r');
    return contentOf(own);
  } catch (error) {
    // Without permission, or in a kernel without it, there will be none. Where files have run out, there may be later.
    own = /^(?:ENOENT|EACCES|EPERM|ERR_ACCESS_DENIED)$/.test(String(Object(error).code)) ? null : undefined;
    return '';
  }
}

/** Empty when the process has no file left. */
function waitsOfOthers(): Map<string, number> {
  const waits = new Map<string, number>();
  try {
    const self = readlinkSync('/proc/thread-self').replace(/^.*\//, '');
    for (const id of readdirSync('/proc/self/task').slice(0, MOST_THREADS)) {
      if (id === self) continue; // its waits are read at each tick; those of a second ago are of another time
      waits.set(id, Number(read(`/proc/self/task/${id}/schedstat`).split(' ')[1] ?? 0) / 1e6);
    }
  } catch {
    waits.clear();
  }
  return waits;
}

/** Empty when the thread has ended. */
function read(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      return contentOf(file);
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

function contentOf(file: number): string {
  return text.toString('latin1', 0, readSync(file, text, 0, text.length, 0));
}
