import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long `run` waits for processes that the command left behind. */
const LONGEST_MS = 5_000;

/** The processes below `pid` that Ctrl+C in a terminal would reach; none where there is no `ps`. */
export function startedBy(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,pgid='], { encoding: 'utf8' });
  const all = [...(stdout ?? '').matchAll(/^ *(\d+) +(\d+) +(\d+)$/gm)];
  const group = all.find(([, id]) => Number(id) === pid)?.[3];
  const found = [String(pid)];
  // The list grows on the way.
  for (const above of found)
    for (const [, id = '', parent, own] of all) if (parent === above && own === group) found.push(id);
  return found.slice(1).map(Number);
}

/** @param signal 0 sends nothing @returns the processes that are still there */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals | 0): number[] {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  });
}

/** Resolves when all have ended, at the latest after 5 s. */
export async function allEnded(pids: readonly number[]): Promise<void> {
  const began = Date.now();
  while (signalAll(pids, 0).length > 0 && Date.now() < began + LONGEST_MS) await sleep(50);
}
