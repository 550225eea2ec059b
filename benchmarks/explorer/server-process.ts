import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXPLORER_MEMORY } from '../../scripts/lib/processes/pair-parts.ts';

export const SENDERS = 16;

/** The server's figures about itself. */
export interface Answer {
  readonly rows?: readonly (readonly unknown[])[];
  /** Size of the store on disk. */
  readonly bytes: number;
  /** Highest resident memory so far, bytes. */
  readonly peak: number;
  readonly cpuMicroseconds: number;
}

/** A connection to a receiver of OTLP over HTTP. */
export interface Connection {
  /** Resolves with the answer's status. @param path default: the path of spans */
  post(body: Buffer, path?: string): Promise<number>;
}

export interface Server extends Connection {
  readonly child: ChildProcess;
  ask(sql?: string): Promise<Answer>;
  close(): Promise<void>;
}

/** Sends all bodies, with this number of senders at a time. Sends refused bodies again. Resolves with the number of refusals. */
export async function sendAll(server: Connection, bodies: Iterable<Buffer>, path?: string): Promise<number> {
  const rest = bodies[Symbol.iterator]();
  let refused = 0;
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      for (let next = rest.next(); !next.done; next = rest.next()) {
        while ((await server.post(next.value, path)) !== 200) {
          refused++;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    }),
  );
  return refused;
}

/** Runs a server over a store of its own while `measure` does. */
export async function withServer<T>(measure: (server: Server) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const server = await startServer(directory);
  try {
    return await measure(server);
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A receiver over the store of a directory, in a process of its own. */
export async function startServer(directory: string): Promise<Server> {
  const child = fork(new URL('./server.ts', import.meta.url), [directory], {
    execArgv: [...EXPLORER_MEMORY.arguments],
    env: { ...EXPLORER_MEMORY.environment, ...process.env },
  });
  const [{ port }] = await once(child, 'message');
  const connection = connectTo(port);
  const pending = new Map<number, (answer: Answer) => void>();
  child.on('message', (answer: Answer & { id: number }) => {
    pending.get(answer.id)?.(answer);
    pending.delete(answer.id);
  });
  let id = 0;
  return {
    child,
    post: connection.post,
    ask: (sql) =>
      new Promise((resolve) => {
        pending.set(++id, resolve);
        child.send({ id, sql });
      }),
    async close() {
      connection.close();
      child.send({ close: true });
      await once(child, 'exit');
    },
  };
}

/** Connects to the OTLP receiver on a port of this machine, with one connection per sender. */
function connectTo(port: number): Connection & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  return {
    post: (body, path = '/v1/traces') => post(agent, port, path, body),
    close: () => agent.destroy(),
  };
}

function post(agent: Agent, port: number, path: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path,
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'gzip',
          'content-length': body.byteLength,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}
