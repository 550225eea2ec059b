import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isAlive } from './is-alive.ts';

/** How often is looked whether the launchers are still there. */
const LOOK_INTERVAL_MS = 500;

/** `npm exec …` (a process title), `node …/pnpm dev`, `node …/npx-cli.js`, or a shell's script that runs one. */
const PACKAGE_MANAGER =
  /^(?:\S*\bsh )?(?:\S*\bnode\S* \S*)?\b(?:pnpm|npm|npx|yarn|corepack|tandem)(?:-cli)?(?:\.[cm]?js)?(?: |$)/;
/** What they run scripts through: `sh -c …`, `sh …/node_modules/.bin/node …`. */
const SHELL = /^\S*\bsh (?:-c |(?:\S*\/)?node_modules\/\.bin\/)/;

interface Process {
  readonly parent: number;
  readonly command: string;
}

/**
 * Resolves when one of the processes through which this one was started has ended: the package managers (`npx`, which
 * runs `pnpm`, which runs a script) and the shells between them. They do not pass on how they end, so that an IDE's
 * stop button would leave this process behind. Never resolves where there are none: who starts a script with `&` and
 * leaves keeps it.
 */
export async function launcherEnds(): Promise<void> {
  const parent = process.ppid;
  const launchers = await findLaunchers(parent);
  const tandem = Number(process.env.TANDEM_PID); // says who it is: it may have ended before this process could look
  if (tandem > 0) launchers.push(tandem);
  if (launchers.length === 0) return new Promise(() => {});
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === parent && launchers.every(isAlive)) return;
      clearInterval(timer);
      resolve();
    }, LOOK_INTERVAL_MS);
    timer.unref();
  });
}

/** This process's parents up to the outermost package manager. */
async function findLaunchers(parent: number): Promise<number[]> {
  const processes = await listProcesses();
  if (processes === undefined) return process.env.npm_config_user_agent ? [parent] : []; // there is no `ps`
  const chain: number[] = [];
  let outermost = 0;
  for (let pid = parent, { size } = processes; size > 0; size--) {
    const found = processes.get(pid);
    if (found === undefined) break;
    const isPackageManager = PACKAGE_MANAGER.test(found.command);
    if (!isPackageManager && !SHELL.test(found.command)) break;
    chain.push(pid);
    if (isPackageManager) outermost = chain.length;
    pid = found.parent;
  }
  return chain.slice(0, outermost);
}

async function listProcesses(): Promise<ReadonlyMap<number, Process> | undefined> {
  const columns = ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'args='];
  try {
    const { stdout } = await promisify(execFile)('ps', columns, { maxBuffer: 64 * 1024 * 1024 }); // bytes
    const rows = [...stdout.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)];
    return new Map(
      rows.map(([, pid, parent, command = '']) => [Number(pid), { parent: Number(parent), command }]),
    );
  } catch {
    return undefined;
  }
}
