import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import { watchGroup } from './group-signals.ts';
import { allEnded, signalAll, startedBy } from './started-processes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How a command ended. */
interface Ended {
  readonly exitCode: number;
  /** When this process was first told to end, in seconds since the epoch. */
  readonly stopped: number | undefined;
}

/** Ends this process by a signal that comes after the command. */
const endBy = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
/** Takes back what listens to signals after the last command. */
let letGo = () => {};

/**
 * Runs the command as if it had been started without this one.
 * @param bySignal what a signal does after the command @throws CliError
 */
export async function runToEnd(
  [command, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  bySignal = endBy,
): Promise<Ended> {
  letGo();
  let below: readonly number[] = [];
  let after: NodeJS.Signals | 0 = 0;
  let stopped: number | undefined;
  const pass = async (signal: NodeJS.Signals) => {
    stopped ??= Date.now() / 1000;
    if (below.length === 0 && child.pid !== undefined) below = startedBy(child.pid);
    const isPassed = await group.wasForAll(signal);
    if (isPassed ?? (signal === 'SIGINT' && process.stdin.isTTY)) return;
    child.kill(signal);
    if (signal === 'SIGINT') signalAll(below, signal);
    else after = signal;
  };
  // Before the command starts: a signal between the two would end this process alone, and leave the command behind.
  for (const signal of SIGNALS) process.on(signal, pass);
  const child = begin(command, args, env, () => {
    for (const signal of SIGNALS) process.off(signal, pass);
  });
  const group = watchGroup();
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', (error) => reject(notStarted(command, error)));
    },
  ).finally(() => group.stop());
  // The shell of `npm run` ends by a signal and does not pass the signal on to its child.
  await allEnded(signalAll(below, after));
  // From now on a signal is for this process. Listeners of `exit` remove what is half done.
  for (const signal of SIGNALS) process.off(signal, pass).on(signal, bySignal);
  letGo = () => {
    for (const signal of SIGNALS) process.off(signal, bySignal);
  };
  return { exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), stopped };
}

/** Starts the command. @param onFailure is called before an error is thrown, as for too long an argument @throws CliError */
function begin(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onFailure: () => void,
): ChildProcess {
  try {
    return spawn(command, args, { env, stdio: 'inherit', shell: process.platform === 'win32' });
  } catch (error) {
    onFailure();
    throw notStarted(command, error as NodeJS.ErrnoException);
  }
}

/** What a shell says of a program that it cannot start, with the shell's exit code. */
function notStarted(command: string, { code, message }: NodeJS.ErrnoException): CliError {
  if (code === 'ENOENT') {
    const isThere = command.includes('/') && existsSync(command);
    const what = isThere ? 'names an interpreter in its first line that was not found' : 'was not found';
    return new CliError(`${command} ${what}.`, { exitCode: 127 });
  }
  const what = code === 'EACCES' ? 'may not be run' : `cannot be started: ${message}`;
  return new CliError(`${command} ${what}.`, { exitCode: 126 });
}
