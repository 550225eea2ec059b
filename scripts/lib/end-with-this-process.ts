import { spawn } from 'node:child_process';

/**
 * Reads lines of process ids until its input ends, and then ends the processes of the last line. The kernel closes the
 * input, whatever ends this process. An empty line names no process.
 */
const WATCH = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -TERM $pids';

/** Processes that do not outlive this one. */
export interface Outlived {
  /** Names the processes; an empty list ends the watch. */
  readonly set: (pids: readonly number[]) => void;
  readonly release: () => void;
}

/**
 * Makes sure that processes do not outlive this one, also after SIGKILL: a shell watches this process and sends SIGTERM
 * to them. Windows has no such shell, and does without.
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
