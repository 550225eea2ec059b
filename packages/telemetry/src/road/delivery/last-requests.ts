import type http from 'node:http';
import type https from 'node:https';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { textOf } from '../../common/files.ts';

/** Where a thread sends, in values that a thread can take. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: string;
  /** Options of `http.Agent`: certificates, and the proxy. */
  readonly agent: https.AgentOptions;
}

/** What came of a request: an answer with its body, or an error. */
export interface Answer {
  readonly status?: number;
  readonly body?: Uint8Array;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
}

/** An encoded export request that a process sends at its end. */
export interface LastRequest {
  readonly target: Target;
  readonly body: Uint8Array;
  /** Undefined where no answer came in time. Does not throw. */
  done(answer: Answer | undefined): void;
}

type Sent = Pick<LastRequest, 'target' | 'body'>;

/** Taken before the app can replace it. */
const { wait } = Atomics;

/**
 * Sends requests at once from a thread, and blocks until each has its answer, but not longer than `mostMs`: at a process's
 * `exit` its own event loop runs no more, and none of the app's code runs meanwhile. Calls `done` of each request.
 *
 * @throws where this process may make no thread (`--permission`, `ulimit -v`); nothing is sent then
 */
export function sendByThread(requests: readonly LastRequest[], mostMs: number): void {
  if (isSpaceLimited()) throw new Error('its address space is limited (ulimit -v)');
  const state = new Int32Array(new SharedArrayBuffer(4));
  const { port1: mine, port2: port } = new MessageChannel();
  const sent = requests.map(({ target, body }): Sent => ({ target, body }));
  // As text: below Plug'n'Play a thread cannot read files of a package. Without the options of the process, which load what
  // the app has, this package again too.
  new Worker(`(${sendAll})(require('node:worker_threads').workerData)`, {
    eval: true,
    execArgv: [],
    env: { NODE_TLS_REJECT_UNAUTHORIZED: process.env.NODE_TLS_REJECT_UNAUTHORIZED ?? '' },
    stdout: true,
    stderr: true,
    workerData: { sent, port, state },
    transferList: [port],
  });
  wait(state, 0, 0, mostMs);
  const answers = new Map<number, Answer>();
  for (let received = receiveMessageOnPort(mine); received; received = receiveMessageOnPort(mine)) {
    const { at, ...answer } = received.message;
    answers.set(at, answer);
  }
  for (const [at, { done }] of requests.entries()) done(answers.get(at));
}

/** Whether address space is limited: V8 ends the whole process where a thread finds no room in it, and nothing can catch that. */
function isSpaceLimited(): boolean {
  return /^Max address space +\d/m.test(textOf('/proc/self/limits') ?? '');
}

/** What the thread does. Its text alone goes there, so it uses nothing of this file. */
function sendAll(given: {
  readonly sent: readonly Sent[];
  readonly port: MessagePort;
  readonly state: Int32Array;
}): void {
  const { sent, port, state } = given;
  const load = process.getBuiltinModule;
  const clients = { 'http:': load('node:http'), 'https:': load('node:https') };
  const { gzipSync } = load('node:zlib');
  const agents = new Map<Target, http.Agent>();
  let open = sent.length;
  const answered = (at: number, answer: Answer) => {
    port.postMessage({ at, ...answer });
    open -= 1;
    if (open > 0) return;
    Atomics.store(state, 0, 1);
    Atomics.notify(state, 0);
    port.close();
  };
  const send = ({ target, body }: Sent, at: number) => {
    const { url, headers, compression, agent: options } = target;
    const client = clients[new URL(url).protocol as keyof typeof clients];
    const isPacked = compression === 'gzip';
    const agent = agents.get(target) ?? new client.Agent({ keepAlive: true, maxSockets: 16, ...options });
    agents.set(target, agent);
    const request = client.request(url, {
      agent,
      method: 'POST',
      headers: { ...headers, ...(isPacked && { 'content-encoding': 'gzip' }) },
    });
    const failed = (error: NodeJS.ErrnoException & Partial<AggregateError>) => {
      // Errors for ::1 and for 127.0.0.1
      const first: NodeJS.ErrnoException = (error.message === '' && error.errors?.[0]) || error;
      const { name, message, code = '' } = first;
      answered(at, { error: { name, message, code } });
    };
    request.once('error', failed);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('error', failed);
      response.once('end', () =>
        answered(at, { status: response.statusCode ?? 0, body: Buffer.concat(chunks).subarray(0, 65_536) }),
      );
    });
    request.end(isPacked ? gzipSync(body) : body);
  };
  for (const [at, each] of sent.entries()) send(each, at);
}
