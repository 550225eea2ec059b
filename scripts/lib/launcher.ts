/** Milliseconds between two checks of the launcher. */
const LOOK_INTERVAL_MS = 500;

/**
 * Resolves when the command that started this process has ended: `node tandem`, which says its id, or a package manager.
 * A killed launcher passes no signal on, so an IDE's stop button would leave this process behind. Without a launcher it
 * never resolves: a script started with `&` goes on after its shell.
 */
export function launcherEnds(): Promise<void> {
  const { TANDEM_PID, npm_config_user_agent: packageManager } = process.env;
  const parent = process.ppid;
  const launcher = Number(TANDEM_PID) || (packageManager ? parent : 0);
  if (launcher === 0) return new Promise(() => {});
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === parent && isAlive(launcher)) return;
      clearInterval(timer);
      resolve();
    }, LOOK_INTERVAL_MS);
    timer.unref();
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
