import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A path to GET, or what to POST where. */
export type LoadRequest = string | { readonly path: string; readonly body: string };

/** What became of requests: how long each took, in milliseconds, and how many failed (no 200 or 201, or no answer). */
export interface LoadResult {
  readonly latencies: readonly number[];
  /** Those of the requests that did not fail: what is refused at once must not make others look fast. */
  readonly goodLatencies: readonly number[];
  readonly failed: number;
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
    const latencies: number[] = [];
    const goodLatencies: number[] = [];
    let failed = 0;
    let next = 0;
    const worker = async () => {
      const connection = this.#take();
      while (next < count) {
        const started = performance.now();
        const isGood = await connection.send(requestOf(next++));
        const latency = performance.now() - started;
        latencies.push(latency);
        if (isGood) goodLatencies.push(latency);
        else failed++;
      }
      this.#idle.push(connection);
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    return { latencies, goodLatencies, failed };
  }

  /** Sends `count` requests at a fixed rate (per second), whether or not those before are answered. */
  async fixedRate(
    count: number,
    rate: number,
    requestOf: (index: number) => LoadRequest,
  ): Promise<LoadResult> {
    const latencies: number[] = [];
    const goodLatencies: number[] = [];
    let failed = 0;
    const answers: Promise<void>[] = [];
    const begun = performance.now();
    for (let index = 0; index < count; index++) {
      const wait = begun + (index / rate) * 1000 - performance.now();
      if (wait > 0) await sleep(wait);
      const connection = this.#take();
      const started = performance.now();
      answers.push(
        connection.send(requestOf(index)).then((isGood) => {
          const latency = performance.now() - started;
          latencies.push(latency);
          if (isGood) goodLatencies.push(latency);
          else failed++;
          this.#idle.push(connection);
        }),
      );
    }
    await Promise.all(answers);
    return { latencies, goodLatencies, failed };
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #take(): Connection {
    const idle = this.#idle.pop();
    if (idle) return idle;
    const connection = new Connection(this.#port);
    this.#all.add(connection);
    return connection;
  }
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** One connection with at most one request under way; opened again after a failure. */
class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #resolve: ((isGood: boolean) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  send(request: LoadRequest): Promise<boolean> {
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
    socket.on('close', () => {
      this.#socket = undefined;
      this.#finish(false);
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
      this.#finish(/^HTTP\/1\.1 20[01] /.test(head));
  }

  #finish(isGood: boolean): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#received = Buffer.alloc(0);
    resolve?.(isGood);
  }
}
