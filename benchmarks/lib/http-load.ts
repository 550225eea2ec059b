import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEFT_HEADER, monotonicMs } from './leaving.ts';

/** A path to GET, or what to POST where. */
export type LoadRequest = string | { readonly path: string; readonly body: string };

/** What became of requests: how long each took, in milliseconds, and how many failed (no 200 or 201, or no answer). */
export interface LoadResult {
  readonly latencies: readonly number[];
  /** Those of the requests that did not fail: what is refused at once must not make others look fast. */
  readonly goodLatencies: readonly number[];
  /**
   * Of those, where the service says when an answer leaves (`note-leaving.ts`): until then, from when the request could be
   * sent. Without the time until a new connection was there, which a full queue of the kernel makes seconds.
   */
  readonly goodUntilLeft: readonly number[];
  /** And from then until the answer was read here. */
  readonly goodOnTheWay: readonly number[];
  readonly failed: number;
  /** The latencies by status; 0 stands for no answer. */
  readonly byStatus: ReadonlyMap<number, readonly number[]>;
  /** Requests that were unanswered at a time, at most. */
  readonly mostOpen: number;
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

  /** The same for so many milliseconds. */
  async closedLoopFor(
    milliseconds: number,
    parallel: number,
    requestOf: (index: number) => LoadRequest,
  ): Promise<LoadResult> {
    const until = performance.now() + milliseconds;
    return this.#closedLoop(() => performance.now() < until, parallel, requestOf);
  }

  /**
   * Sends `count` requests at a fixed rate (per second), whether or not those before are answered.
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

interface Answer {
  /** 0 when no answer came. */
  readonly status: number;
  /** When the request could be sent, on the clock of `monotonicMs`. */
  readonly sentAt: number;
  /** When the answer left, if the service says so. */
  readonly leftAt: number | undefined;
}

class Outcomes implements LoadResult {
  readonly latencies: number[] = [];
  readonly goodLatencies: number[] = [];
  readonly goodUntilLeft: number[] = [];
  readonly goodOnTheWay: number[] = [];
  readonly byStatus = new Map<number, number[]>();
  failed = 0;
  mostOpen = 0;
  #open = 0;

  /** Records a request that has just been sent; resolves when it is answered, or will not be. */
  async of(answer: Promise<Answer>): Promise<void> {
    const started = performance.now();
    this.mostOpen = Math.max(this.mostOpen, ++this.#open);
    const { status, sentAt, leftAt } = await answer;
    this.#open--;
    const latency = performance.now() - started;
    this.latencies.push(latency);
    if (status === 200 || status === 201) {
      this.goodLatencies.push(latency);
      if (leftAt !== undefined) {
        this.goodUntilLeft.push(leftAt - sentAt);
        this.goodOnTheWay.push(monotonicMs() - leftAt);
      }
    } else this.failed++;
    const same = this.byStatus.get(status);
    if (same === undefined) this.byStatus.set(status, [latency]);
    else same.push(latency);
  }
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LEFT_AT = new RegExp(`^${LEFT_HEADER}: *([0-9.]+)`, 'im');

/** One connection with at most one request under way; opened again after a failure. */
class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #resolve: ((answer: Answer) => void) | undefined;
  #sentAt = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves with its answer, or when none will come. */
  send(request: LoadRequest): Promise<Answer> {
    const socket = this.#socket ?? this.#open();
    this.#sentAt = monotonicMs();
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
    socket.on('connect', () => {
      this.#sentAt = monotonicMs();
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
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
      this.#finish(Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)), LEFT_AT.exec(head)?.[1]);
  }

  #finish(status: number, leftAt?: string): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#received = Buffer.alloc(0);
    resolve?.({ status, sentAt: this.#sentAt, leftAt: leftAt === undefined ? undefined : Number(leftAt) });
  }
}
