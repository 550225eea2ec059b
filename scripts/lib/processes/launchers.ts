import { spawnSync } from 'node:child_process';

const LOOK_INTERVAL_MS = 500;
const LAUNCHER = /^(?:\S*\/)?sh -c |\b(?:npm|npx|pnpm|yarn|corepack|tandem)\b/;

/**
 * Calls `stop` when a launcher of this process is gone: `npm run`, `npx pnpm`, and the shells between. A launcher that gets
 * SIGTERM ends without a word to what it started. On Windows only the parent is looked at.
 */
export function stopWithLaunchers(stop: () => void): void {
  const parent = process.ppid;
  const launchers = launchersAbove(parent);
  setInterval(() => {
    if (process.ppid !== parent || !launchers.every(isThere)) stop();
  }, LOOK_INTERVAL_MS).unref();
}

/** The ids of the launchers from `pid` on upwards. A shell that somebody types in is none. */
function launchersAbove(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const lines = (stdout ?? '').matchAll(/^ *(\d+) +(\d+) +(.*)$/gm);
  const all = new Map(
    Array.from(lines, ([, id, above, args = '']) => [Number(id), { above: Number(above), args }]),
  );
  const found: number[] = [];
  let each = all.get(pid);
  for (let id = pid; each !== undefined && LAUNCHER.test(each.args); each = all.get(id)) {
    found.push(id);
    id = each.above;
  }
  return found;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return Object(error).code === 'EPERM'; // somebody else's
  }
}
