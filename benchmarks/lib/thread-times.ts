import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE_BYTES = 4096;

/** The kinds of threads in a process. */
export const THREADS = ['event loop', 'libuv', 'V8', 'other'] as const;
export type ThreadKind = (typeof THREADS)[number];

/** Processor time of processes by thread, in microseconds since their start. Linux: /proc/PID/task. */
export function threadTimes(pids: readonly number[]): Record<ThreadKind, number> {
  const times: Record<ThreadKind, number> = { 'event loop': 0, libuv: 0, V8: 0, other: 0 };
  for (const pid of pids) {
    const tasks = `/proc/${pid}/task`;
    for (const task of readdirSync(tasks)) {
      const name = readFileSync(join(tasks, task, 'comm'), 'utf8');
      // Its first number: nanoseconds on a processor, where the ticks of `stat` are 10 ms.
      const [nanoseconds = '0'] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ');
      times[kindOf(name, Number(task) === pid)] += Number(nanoseconds) / 1000;
    }
  }
  return times;
}

/** Processor time and memory of processes so far, from Linux: the processes need not be asked. */
export function usageOf(pids: readonly number[]): { cpuMs: number; residentBytes: number } {
  const microseconds = Object.values(threadTimes(pids)).reduce((sum, each) => sum + each, 0);
  const residentPages = pids.map((pid) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]));
  const pages = residentPages.reduce((sum, each) => sum + each, 0);
  return { cpuMs: microseconds / 1000, residentBytes: pages * PAGE_BYTES };
}

function kindOf(name: string, isMain: boolean): ThreadKind {
  if (isMain) return 'event loop';
  if (name.startsWith('libuv')) return 'libuv';
  return /^(?:V8Worker|DelayedTask)/.test(name) ? 'V8' : 'other';
}

/** The most memory that processes had resident since their start, in bytes. Linux: VmHWM. */
export function peakResident(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return sum + Number(kibibytes) * 1024;
  }, 0);
}
