import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

/**
 * This module, for `node --import`: when a process that has loaded it ends in any way, the processes that it has started end,
 * too. A signal leaves no time for teardowns.
 */
export const END_CHILDREN = import.meta.url;

/** Reads until the pipe from this process closes. The last line has the ids of the processes that run then. */
const END_ALL = `
end() { for id in $ids; do kill -s $1 -- -$id || kill -s $1 $id; done; } 2> /dev/null
while read -r line; do ids=$line; done
[ -z "$ids" ] && exit
end TERM; sleep 15; end KILL`;

const running = new Set<number>();
let shell: ChildProcess | undefined;

/** The channel on which Node announces each new process, of all functions that start one. */
subscribe('child_process', (message) => {
  const { process: child } = message as { readonly process: ChildProcess };
  child.once('spawn', () => {
    const { pid } = child;
    if (child === shell || pid === undefined) return;
    running.add(pid);
    tellShell();
    child.once('exit', () => {
      running.delete(pid);
      tellShell();
    });
  });
});

function tellShell(): void {
  shell ??= startShell();
  shell.stdin?.write(`${[...running].join(' ')}\n`);
}

function startShell(): ChildProcess {
  // In a group of its own, so that a signal to the group of this process does not end it.
  const started = spawn('sh', ['-c', END_ALL], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  started.unref();
  Object(started.stdin).unref();
  return started;
}
