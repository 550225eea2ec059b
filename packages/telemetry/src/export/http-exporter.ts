import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { suppressTracing } from '@opentelemetry/core';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { ExportFailure } from '../report/export-failure.ts';
import { failureOfAnswer, failureOfError } from '../report/export-failure.ts';
import type { ExportResponse, Item, Signal } from './signal.ts';

/** Where items are sent by OTLP/HTTP with protobuf. */
export interface Destination {
  /** The name in messages and in the path of the spool: `honeycomb` or `otlp`. */
  readonly name: string;
  /**
   * The URL with its path. Without a URL, the official exporter reads the variables OTEL_EXPORTER_OTLP_* itself. With a
   * URL, only their timeout counts: a header or a certificate for one place must not go to another.
   */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly compression?: 'none' | 'gzip';
}

/**
 * The outcome of one attempt, by the OTLP specification ("Failures", "OTLP/HTTP Response"):
 * taken (perhaps not every item), to be tried again later, too large, or refused for good.
 */
export type Outcome =
  | { readonly kind: 'taken'; readonly rejected?: number; readonly failure?: ExportFailure }
  | { readonly kind: 'retry' | 'too-large' | 'refused'; readonly failure: ExportFailure };

/** An encoded export request. */
interface Encoded {
  readonly body: Uint8Array;
  readonly items: number;
}

/** One attempt to export, until it has its outcome. */
interface Attempt {
  isOver: boolean;
  end(outcome: Outcome | Promise<Outcome>): void;
}

type Export<T> = (content: T, done: (result: ExportResult) => void) => void;

/** Announces each request of node:http in the context in which it is made. */
const REQUESTS = 'http.client.request.created';

/** Errors of writing to a connection that the other side has closed. */
const STALE_CODES: readonly unknown[] = ['ECONNRESET', 'EPIPE'];

/** An answer is a few bytes. A page of a proxy may be longer, and only its start is of use. A chunk has at most 64 KiB. */
const MAX_ANSWER_CHUNKS = 2;

/** The retryable statuses of OTLP, and statuses of a wrong key, path or proxy, because a person mends the setting. */
const RETRIED: readonly number[] = [401, 403, 404, 405, 407, 429, 502, 503, 504];

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/**
 * The official exporter of a signal to one destination, for one attempt at a time. The official exporter repeats a failed
 * request itself, and tells neither status nor Retry-After of it, nor how many items of a request were rejected. So this
 * class looks at the answers, and stops the official repetition: the spool sends again.
 */
export class HttpExporter {
  readonly url: string;
  readonly #signal: Signal;
  readonly #attempts = new AsyncLocalStorage<Attempt>();
  readonly #open = new Set<Attempt>();
  readonly #exportItems: Export<Item[]>;
  readonly #exportBytes: Export<Encoded>;
  #agent: Promise<http.Agent> | undefined;

  /** @param serializer in place of the official one */
  constructor(
    destination: Destination,
    signal: Signal,
    exportTimeoutMs: number,
    serializer?: ISerializer<Item[], ExportResponse>,
  ) {
    const given = optionsOf(destination, signal);
    const options = {
      ...given,
      timeoutMillis: Math.min(given.timeoutMillis, exportTimeoutMs),
      headers: () => {
        if (this.#attempts.getStore()?.isOver) throw new Error('The spool sends again.');
        return given.headers();
      },
      agentFactory: (protocol: string) => {
        this.#agent ??= Promise.resolve(given.agentFactory(protocol)).then((agent) =>
          proxied(agent, protocol),
        );
        return this.#agent;
      },
    };
    const compression =
      options.compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE;
    const config = { ...options, compression, httpAgentOptions: options.agentFactory };
    const name = signal.name === 'traces' ? 'span' : 'log';
    const official = serializer
      ? createOtlpHttpExportDelegate(
          options,
          serializer,
          'otlp',
          { name, countItems: (items) => items.length },
          undefined,
        )
      : withEnvironment({}, () => new signal.Exporter(config));
    const bytesAsTheyAre: ISerializer<Encoded, undefined> = {
      serializeRequest: ({ body }) => body,
      deserializeResponse: () => undefined,
    };
    const metrics = { name, countItems: ({ items }: Encoded) => items } as const;
    const ofBytes = createOtlpHttpExportDelegate(options, bytesAsTheyAre, 'otlp', metrics, undefined);
    this.url = options.url;
    this.#signal = signal;
    // The items of a signal are of the type that its exporter takes.
    this.#exportItems = (items, done) => official.export(items as never, done);
    this.#exportBytes = (encoded, done) => ofBytes.export(encoded, done);
    subscribe(REQUESTS, this.#follow);
  }

  /** Encodes and sends items. @throws any error of reading an item */
  export(items: Item[]): Promise<Outcome> {
    return this.#attempt(this.#exportItems, items);
  }

  /** Sends an encoded export request as it is. */
  send(body: Uint8Array, items: number): Promise<Outcome> {
    return this.#attempt(this.#exportBytes, { body, items });
  }

  /** Ends requests under way, as failures to be retried, and closes the connections. */
  close(): void {
    for (const attempt of this.#open) attempt.end(this.#retry(new Error('Telemetry is shutting down.')));
    unsubscribe(REQUESTS, this.#follow);
    void this.#agent?.then((agent) => agent.destroy());
  }

  async #attempt<T>(send: Export<T>, content: T): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const attempt: Attempt = {
      isOver: false,
      end(outcome) {
        attempt.isOver = true;
        resolve(outcome);
      },
    };
    this.#open.add(attempt);
    // Only an error without a request, as of a header that cannot be sent: otherwise the answer came first.
    const done = ({ error }: ExportResult) => {
      if (error !== undefined) attempt.end(this.#retry(error));
    };
    try {
      this.#attempts.run(attempt, () => context.with(UNTRACED, send, undefined, content, done));
      return await promise;
    } finally {
      this.#open.delete(attempt);
    }
  }

  /** Looks at a request of an attempt, and at its answer. */
  readonly #follow = (message: unknown): void => {
    const attempt = this.#attempts.getStore();
    if (attempt === undefined) return;
    const { request } = message as { readonly request: ClientRequest };
    request.once('timeout', () =>
      attempt.end(this.#retry(new DOMException('No answer in time.', 'TimeoutError'))),
    );
    request.once('response', (response) => {
      const body: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        if (body.length < MAX_ANSWER_CHUNKS) body.push(chunk);
      });
      // When the body breaks off, the status says enough.
      response.once('close', () => attempt.end(this.#outcomeOf(response, Buffer.concat(body))));
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      // The backend closed a kept-alive connection just as we wrote to it. The official exporter takes another connection.
      const isStale = request.reusedSocket && STALE_CODES.includes(error.code);
      if (!isStale) attempt.end(this.#retry(error));
    });
  };

  #retry(error: unknown): Outcome {
    return { kind: 'retry', failure: failureOfError(this.url, error) };
  }

  async #outcomeOf({ statusCode = 0, headers }: IncomingMessage, body: Buffer): Promise<Outcome> {
    if (statusCode < 200 || statusCode >= 300) {
      const failure = await failureOfAnswer(this.url, statusCode, headers, body);
      if (statusCode === 413) return { kind: 'too-large', failure };
      return { kind: this.#isRetried(failure) ? 'retry' : 'refused', failure };
    }
    const {
      rejectedSpans = 0,
      rejectedLogRecords = 0,
      errorMessage: detail,
    } = this.#partialSuccess(body) ?? {};
    const rejected = rejectedSpans + rejectedLogRecords;
    if (rejected === 0 && !detail) return { kind: 'taken' };
    return {
      kind: 'taken',
      rejected,
      failure: { url: this.url, cause: 'partly-rejected', ...(detail && { detail }) },
    };
  }

  #partialSuccess(body: Buffer): ExportResponse['partialSuccess'] {
    try {
      return body.length === 0 ? undefined : this.#signal.serializer.deserializeResponse(body).partialSuccess;
    } catch {
      return undefined; // not protobuf, but the status is a success
    }
  }

  /** Whether an answer is worth another attempt. A backend of traces alone has no path for log records. */
  #isRetried({ cause, status = 0 }: ExportFailure): boolean {
    if (this.#signal.name === 'logs' && cause === 'not-found') return false;
    return cause === 'redirected' || RETRIED.includes(status);
  }
}

/** The settings of the official exporter for a destination. */
function optionsOf({ url, headers = {}, compression }: Destination, { name }: Signal) {
  const config = url === undefined ? {} : { url, headers };
  const read = () =>
    convertLegacyHttpOptions(config, name.toUpperCase(), `v1/${name}`, {
      'Content-Type': 'application/x-protobuf',
    });
  if (url === undefined) return read();
  const timeouts = Object.entries(process.env).filter(([variable]) => variable.endsWith('_TIMEOUT'));
  return { ...withEnvironment(Object.fromEntries(timeouts), read), compression: compression ?? 'none' };
}

/** Works with another environment: the official exporter reads OTEL_EXPORTER_OTLP_* for any URL. */
function withEnvironment<T>(environment: NodeJS.ProcessEnv, work: () => T): T {
  const own = process.env;
  process.env = environment;
  try {
    return work();
  } finally {
    process.env = own;
  }
}

/** The agent, or one that uses a proxy where Node's own agent does (NODE_USE_ENV_PROXY). */
function proxied(agent: http.Agent, protocol: string): http.Agent {
  const { globalAgent, Agent } = protocol === 'https:' ? https : http;
  const optionsOf = (each: http.Agent) => Reflect.get(each, 'options'); // not among its types
  const { proxyEnv } = optionsOf(globalAgent);
  return proxyEnv === undefined ? agent : new Agent({ ...optionsOf(agent), proxyEnv });
}
