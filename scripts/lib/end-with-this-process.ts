import { spawn } from 'node:child_process';

/** Waits until its input ends, which the kernel sees to whatever ends this process; a line before that sends it home. */
const WATCH = 'read -r _ || kill -TERM "$@"';

/**
 * Makes sure that processes do not outlive this one, even where it is killed with SIGKILL and can tell nobody: they
 * get SIGTERM then. A shell watches over them, because `node --watch` notices nothing of its parent's end.
 * Windows, which has no such shell, goes without.
 *
 * @returns ends the watch, for a process that has stopped the others itself
 */
export function endWithThisProcess(pids: readonly number[]): () => void {
  // In a session of its own: Ctrl+C is for the others.
  const watcher = spawn('sh', ['-c', WATCH, 'sh', ...pids.map(String)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  watcher.unref();
  return () => void watcher.stdin.end('\n');
}
