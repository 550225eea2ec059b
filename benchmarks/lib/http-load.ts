import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A path to GET, or what to POST where. */
export type LoadRequest = string | { readonly path: string; readonly body: string };

/** The result of requests: the milliseconds of each, and the number of failures (no 200 or 201, or no answer). */
export interface LoadResult {
  readonly latencies: readonly number[];
  /** The latencies of the requests that did not fail: a quick refusal must not make the others look fast. */
  readonly goodLatencies: readonly number[];
  readonly failed: number;
  /** The latencies by status; 0 stands for no answer. */
  readonly byStatus: ReadonlyMap<number, readonly number[]>;
  /** Requests that were unanswered at a time, at most. */
  readonly mostOpen: number;
  /** When the last request was sent, by `Date.now()`, and the milliseconds from the first one until then. At a fixed rate. */
  readonly sentUntil: number;
  readonly sendingMs: number;
}

/**
 * Requests over kept-alive connections of its own to one port of loopback. It writes bytes to sockets and looks for the
 * end of the answer, no more: a complete HTTP client would take more of the machine than the server that is measured.
 */
export class HttpLoad {
  readonly #port: number;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends `count` requests, `parallel` at a time, each as soon as the one before is answered. */
  async closedLoop(
    count: number,
    parallel: number,
    requestOf: (index: number) => LoadRequest,
  ): Promise<LoadResult> {
    return this.#closedLoop((sent) => sent < count, parallel, requestOf);
  }

  /** As `closedLoop`, for a number of milliseconds instead of a number of requests. */
  async closedLoopFor(
    milliseconds: number,
    parallel: number,
    requestOf: (index: number) => LoadRequest,
  ): Promise<LoadResult> {
    const until = performance.now() + milliseconds;
    return this.#closedLoop(() => performance.now() < until, parallel, requestOf);
  }

  /**
   * Sends `count` requests at a fixed rate (per second), whether or not earlier requests are answered.
   * @param connections that are used in turn, so that each has its share; as few as it takes when left out
   */
  async fixedRate(
    count: number,
    rate: number,
    requestOf: (index: number) => LoadRequest,
    connections = 0,
  ): Promise<LoadResult> {
    while (this.#idle.length < connections) this.#idle.push(this.#connect());
    const outcomes = new Outcomes();
    const answers: Promise<unknown>[] = [];
    const begun = performance.now();
    for (let index = 0; index < count; index++) {
      const wait = begun + (index / rate) * 1000 - performance.now();
      if (wait > 0) await sleep(wait);
      const connection = (connections > 0 ? this.#idle.shift() : undefined) ?? this.#take();
      answers.push(outcomes.of(connection.send(requestOf(index))).then(() => this.#idle.push(connection)));
    }
    outcomes.sentUntil = Date.now();
    outcomes.sendingMs = performance.now() - begun;
    await Promise.all(answers);
    return outcomes;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  async #closedLoop(
    goesOn: (sent: number) => boolean,
    parallel: number,
    requestOf: (index: number) => LoadRequest,
  ): Promise<LoadResult> {
    const outcomes = new Outcomes();
    let next = 0;
    const worker = async () => {
      const connection = this.#take();
      while (goesOn(next)) await outcomes.of(connection.send(requestOf(next++)));
      this.#idle.push(connection);
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    return outcomes;
  }

  #take(): Connection {
    return this.#idle.pop() ?? this.#connect();
  }

  #connect(): Connection {
    const connection = new Connection(this.#port);
    this.#all.add(connection);
    return connection;
  }
}

class Outcomes implements LoadResult {
  readonly latencies: number[] = [];
  readonly goodLatencies: number[] = [];
  readonly byStatus = new Map<number, number[]>();
  failed = 0;
  mostOpen = 0;
  sentUntil = 0;
  sendingMs = 0;
  #open = 0;

  /** Records a request that has just been sent; resolves when it is answered, or will not be. */
  async of(answer: Promise<number>): Promise<void> {
    const started = performance.now();
    this.mostOpen = Math.max(this.mostOpen, ++this.#open);
    const status = await answer;
    this.#open--;
    const latency = performance.now() - started;
    this.latencies.push(latency);
    if (status === 200 || status === 201) {
      this.goodLatencies.push(latency);
    } else this.failed++;
    const same = this.byStatus.get(status);
    if (same === undefined) this.byStatus.set(status, [latency]);
    else same.push(latency);
  }
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** A caller gives up after this time. The kernel would try for minutes to open a connection that a busy server does not take. */
const PATIENCE_MS = 10_000;

/** One connection with at most one request under way; opened again after a failure. */
class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #resolve: ((status: number) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves with the status of its answer, or with 0 when none will come. */
  send(request: LoadRequest): Promise<number> {
    const socket = this.#socket ?? this.#open();
    return new Promise((resolve) => {
      this.#resolve = resolve;
      const headers = `Host: 127.0.0.1:${this.#port}\r\nAccept: application/json\r\nUser-Agent: tandem-bench/1.0\r\n`;
      if (typeof request === 'string') {
        socket.write(`GET ${request} HTTP/1.1\r\n${headers}\r\n`, 'latin1');
        return;
      }
      const { path, body } = request;
      const entity = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
      socket.write(`POST ${path} HTTP/1.1\r\n${headers}${entity}\r\n${body}`);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.setTimeout(PATIENCE_MS, () => {
      if (this.#resolve !== undefined) socket.destroy();
    });
    socket.on('close', () => {
      this.#socket = undefined;
      this.#finish(0);
    });
    return socket;
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end === -1) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
    if (Number.isNaN(length)) throw new Error(`An answer without a length cannot be read:\n${head}`);
    if (this.#received.length >= end + END_OF_HEAD.length + length)
      this.#finish(Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)));
  }

  #finish(status: number): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#received = Buffer.alloc(0);
    resolve?.(status);
  }
}
