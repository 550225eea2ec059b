import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/** A program that writes what it reads, and ends with its input. */
const ECHO = 'cat';

/** Tells which signals have gone to this process's whole group, and so to a command in the group as well. */
export interface GroupSignals {
  /**
   * Whether a signal that this process has just got went to each process of its group, as Ctrl+C does in a terminal, and not
   * to this one alone. Undefined where nobody can tell.
   */
  wasForAll(signal: NodeJS.Signals): Promise<boolean | undefined>;
  stop(): void;
}

/**
 * Starts a witness: a process in this one's group, which a signal for all of them ends. Otherwise it answers when it is asked.
 * Node does not say who has sent a signal to whom.
 */
export function watchGroup(): GroupSignals {
  let witness: Witness | undefined = startWitness();
  return {
    async wasForAll(signal) {
      const asked = witness;
      if (asked === undefined) return undefined;
      const end = await asked.ask();
      if (end === undefined) return false;
      if (witness === asked) witness = startWitness();
      return end === signal ? true : undefined;
    },
    stop() {
      witness?.child.kill('SIGKILL');
      witness = undefined;
    },
  };
}

interface Witness {
  readonly child: ChildProcess;
  /** Resolves with the signal, or the error, that has ended the process; undefined where it is there. */
  ask(): Promise<string | undefined>;
}

function startWitness(): Witness {
  const child = spawn(ECHO, { stdio: ['pipe', 'pipe', 'ignore'] });
  for (const stream of [child.stdin, child.stdout]) stream.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (_, signal) => resolve(signal ?? 'ended'));
    child.once('error', ({ message }) => resolve(message)); // this system has no such program
  });
  return {
    child,
    ask() {
      const answered = new Promise<undefined>((resolve) => {
        child.stdout.once('data', () => resolve(undefined));
      });
      child.stdin.write('?');
      return Promise.race([ended, answered]);
    },
  };
}
