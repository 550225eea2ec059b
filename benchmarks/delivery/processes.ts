import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { FromService, ServiceOptions } from './service.ts';

/** Starts a process under test; resolves when it listens. */
export async function startService(
  options: ServiceOptions,
): Promise<{ process: ChildProcess; port: number }> {
  const child = fork(new URL('./service.ts', import.meta.url), [JSON.stringify(options)]);
  const message = await nextMessage(child);
  if (message.kind !== 'listening') throw new Error(`Expected the service to listen, got ${message.kind}.`);
  return { process: child, port: message.port };
}

/** The next thing that the process says; rejects when it ends instead. */
export async function nextMessage(child: ChildProcess): Promise<FromService> {
  const ended = new AbortController();
  const exit = once(child, 'exit', ended).then(
    ([code]) => Promise.reject(new Error(`The process under test ended with code ${code}.`)),
    () => new Promise<never>(() => {}),
  );
  try {
    const [message] = await Promise.race([once(child, 'message', ended), exit]);
    return message as FromService;
  } finally {
    ended.abort();
  }
}

/** Stops a process, and waits until it has ended. */
export async function stopService(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
