import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EQUAL_FOR_ALL } from '../lib/node-options.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./service.ts'));

/** What a tracer adds to the command line and the environment of a service. */
export interface Launch {
  /** Arguments of Node before the script. */
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What two services have used so far. */
export interface Usage {
  readonly cpuMicroseconds: number;
  readonly residentBytes: number;
}

/** `front` and `back` of `service.ts`, running. */
export interface ServicePair {
  /** Port of `front`. */
  readonly port: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/**
 * Starts both services on Node 24 under a tracer.
 *
 * @param launch for a service of this name
 * @throws Error with its last output when a service ends before it listens
 */
export async function startServicePair(launch: (serviceName: string) => Launch): Promise<ServicePair> {
  const back = await startService(launch('overhead-back'), []);
  let front: Service;
  try {
    front = await startService(launch('overhead-front'), [`http://127.0.0.1:${back.port}`]);
  } catch (error) {
    await back.stop();
    throw error;
  }
  return {
    port: front.port,
    async usage() {
      const [a, b] = await Promise.all([front.usage(), back.usage()]);
      return {
        cpuMicroseconds: a.cpuMicroseconds + b.cpuMicroseconds,
        residentBytes: a.residentBytes + b.residentBytes,
      };
    },
    async stop() {
      await Promise.all([front.stop(), back.stop()]);
    },
  };
}

interface Service {
  readonly port: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

async function startService(launch: Launch, args: readonly string[]): Promise<Service> {
  const child = spawn(process.execPath, [...EQUAL_FOR_ALL, ...launch.nodeArguments, SERVICE, ...args], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...launch.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-4000);
    });
  }
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A service ended with code ${code}:\n${output}`);
  });
  ended.catch(() => {});
  const [{ port }] = await Promise.race([once(child, 'message'), ended]);
  const waiting = new Map<number, (usage: Usage) => void>();
  child.on('message', (answer: Usage & { id: number }) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let id = 0;
  return {
    port,
    usage: () =>
      Promise.race([
        new Promise<Usage>((resolve) => {
          waiting.set(++id, resolve);
          child.send({ id });
        }),
        ended,
      ]),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(kill);
}
