import { spawn } from 'node:child_process';

/**
 * Keeps the ids of the last line until its input ends, which the kernel sees to whatever ends this process, and then
 * ends these processes. An empty line: there are none.
 */
const WATCH = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -TERM $pids';

/** Processes that do not outlive this one. */
export interface Outlived {
  /** Says which processes there are now; none: the watch is over. */
  readonly set: (pids: readonly number[]) => void;
  readonly release: () => void;
}

/**
 * Makes sure that processes do not outlive this one, even where it is killed with SIGKILL and can tell nobody: they
 * get SIGTERM then. A shell watches over them. Windows, which has no such shell, goes without.
 */
export function endWithThisProcess(): Outlived {
  // In a session of its own: Ctrl+C is for the others.
  const watcher = spawn('sh', ['-c', WATCH], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  watcher.unref();
  return {
    set: (pids) => void watcher.stdin.write(`${pids.join(' ')}\n`),
    release: () => void watcher.stdin.end('\n'),
  };
}
