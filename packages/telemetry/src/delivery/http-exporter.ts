import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import https from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { suppressTracing } from '@opentelemetry/core';
import type { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import {
  createOtlpHttpExportDelegate,
  httpAgentFactoryFromOptions,
} from '@opentelemetry/otlp-exporter-base/node-http';
import type { ExportFailure, ExportFailureCause } from './export-failure.ts';
import { failureOfExport } from './export-failure.ts';
import type { ExportResponse, Item, Signal } from './signal.ts';

/** A place that takes items by OTLP/HTTP with protobuf. */
export interface Destination {
  /** The name in messages and in the path of the spool: `honeycomb` or `otlp`. */
  readonly name: string;
  /** The URL with its path. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest time of one request, in milliseconds; default: only the time of the whole export counts. */
  readonly timeoutMs?: number;
  /** Default: `none`. */
  readonly compression?: 'none' | 'gzip';
  /** Of the bytes that are sent as they are; default: protobuf's. */
  readonly contentType?: string;
  /** In PEM; default: the certificates that Node trusts. */
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** The outcome of a request: taken (perhaps not every item), to be sent again, too large, or refused for good. */
export type Outcome =
  | { readonly kind: 'taken'; readonly rejected?: number; readonly failure?: ExportFailure }
  | { readonly kind: 'retry' | 'too-large' | 'refused'; readonly failure: ExportFailure };

/** An encoded export request. */
interface Encoded {
  readonly body: Uint8Array;
  readonly items: number;
}

type Export<T> = (content: T, done: (result: ExportResult) => void) => void;

/** Host names of this machine, for which no proxy is asked. */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;
/** A wrong key, path, proxy or compression. The items are kept until a person mends the setting. */
const MENDED_BY_PEOPLE: readonly ExportFailureCause[] = [
  'unauthorized',
  'not-found',
  'wrong-form',
  'redirected',
];

const CONTENT_TYPE = 'application/x-protobuf';

/** The official default. */
const CONCURRENCY_LIMIT = 30;

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/**
 * The official exporter of a signal to one destination. The official exporter repeats a failed request, as OTLP asks, until
 * the export timeout ends. An exporter cannot send bytes: bytes of the spool go through a delegate with the same settings.
 */
export class HttpExporter {
  readonly url: string;
  readonly #signal: Signal;
  readonly #exportItems: Export<Item[]>;
  readonly #exportBytes: Export<Encoded>;
  /** The answer to the export that a response belongs to. Many exports are under way at once. */
  readonly #answers = new AsyncLocalStorage<ExportResponse>();
  readonly #stopReading: () => void;
  #agent: http.Agent | undefined;
  #isClosed = false;

  constructor(destination: Destination, signal: Signal, exportTimeoutMs: number) {
    const { serializer, Exporter } = signal;
    const { url, headers, timeoutMs = exportTimeoutMs, compression = 'none', tls } = destination;
    const { contentType = CONTENT_TYPE } = destination;
    const newAgent = httpAgentFactoryFromOptions({ keepAlive: true, ...tls });
    const options = {
      url,
      timeoutMillis: Math.min(timeoutMs, exportTimeoutMs),
      concurrencyLimit: CONCURRENCY_LIMIT,
      headers: async () => {
        if (this.#isClosed) throw new Error('Telemetry is shutting down.');
        return { ...headers, 'Content-Type': contentType };
      },
    };
    const agentFactory = async (protocol: string) => {
      const agent = await newAgent(protocol);
      this.#agent ??= LOOPBACK.test(new URL(url).hostname) ? agent : proxied(agent, protocol);
      return this.#agent;
    };
    const delegate = <T>(
      serializeRequest: (content: T) => Uint8Array | undefined,
      countItems: (content: T) => number,
    ) =>
      createOtlpHttpExportDelegate<T, ExportResponse>(
        { ...options, compression, agentFactory },
        { serializeRequest, deserializeResponse: () => ({}) },
        'otlp',
        { name: signal.metric, countItems },
        undefined,
      );
    const ofItems =
      Exporter === undefined
        ? delegate<Item[]>(
            (items) => serializer.serializeRequest(items),
            (items) => items.length,
          )
        : withoutVariables(
            () =>
              new Exporter({
                ...options,
                compression: compression as CompressionAlgorithm,
                httpAgentOptions: agentFactory,
              }),
          );
    const ofBytes = delegate<Encoded>(
      ({ body }) => body,
      ({ items }) => items,
    );
    this.url = url;
    this.#signal = signal;
    this.#exportItems = (items, done) => ofItems.export(items, done);
    this.#exportBytes = (encoded, done) => ofBytes.export(encoded, done);
    this.#stopReading = readAnswers(this.#answers, (answer, bytes) => {
      Object.assign(answer, signal.serializer.deserializeResponse(bytes));
    });
  }

  /** Encodes and sends items. @throws any error of reading an item */
  export(items: Item[]): Promise<Outcome> {
    return this.#attempt(this.#exportItems, items);
  }

  /** Sends an encoded export request as it is. */
  send(body: Uint8Array, items: number): Promise<Outcome> {
    return this.#attempt(this.#exportBytes, { body, items });
  }

  /** Ends repetition, and closes the connections. */
  close(): void {
    this.#isClosed = true;
    this.#stopReading();
    this.#agent?.destroy();
  }

  #attempt<T>(send: Export<T>, content: T): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const answer: ExportResponse = {};
    const done = (result: ExportResult) => resolve(this.#outcomeOf(result, answer));
    this.#answers.run(answer, () => context.with(UNTRACED, send, undefined, content, done));
    return promise;
  }

  #outcomeOf({ error }: ExportResult, { partialSuccess = {} }: ExportResponse): Outcome {
    if (error === undefined) {
      const { rejectedSpans = 0, rejectedLogRecords = 0, errorMessage: detail } = partialSuccess;
      const rejected = Number(rejectedSpans) + Number(rejectedLogRecords);
      if (rejected === 0 && !detail) return { kind: 'taken' };
      const failure = { url: this.url, cause: 'partly-rejected', ...(detail && { detail }) } as const;
      return { kind: 'taken', rejected, failure };
    }
    const failure = failureOfExport(this.url, error, this.#signal.name);
    const { cause, status } = failure;
    if (status === 413) return { kind: 'too-large', failure };
    const isKept = status === undefined || MENDED_BY_PEOPLE.includes(cause);
    return { kind: isKept ? 'retry' : 'refused', failure };
  }
}

/** The variables that the official exporters read beside their options: a header for one backend would go to each. */
const VARIABLE = /^OTEL_EXPORTER_OTLP_/;

/** Calls a constructor of an official exporter, which runs at once, while the environment has no variables of exporters. */
function withoutVariables<T>(construct: () => T): T {
  const hidden = Object.entries(process.env).filter(([name]) => VARIABLE.test(name));
  try {
    for (const [name] of hidden) delete process.env[name];
    return construct();
  } finally {
    Object.assign(process.env, Object.fromEntries(hidden));
  }
}

/** The agent, or one that uses a proxy where Node's own agent does (NODE_USE_ENV_PROXY). */
function proxied(agent: http.Agent, protocol: string): http.Agent {
  const { globalAgent, Agent } = protocol === 'https:' ? https : http;
  const optionsOf = (each: http.Agent) => Reflect.get(each, 'options'); // has no type
  const { proxyEnv } = optionsOf(globalAgent);
  return proxyEnv === undefined ? agent : new Agent({ ...optionsOf(agent), proxyEnv });
}

/** Node's message about a response, before the sender of the request sees the response. */
const CHANNEL = 'http.client.response.finish';

/** A longer answer than OTLP knows is not read. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads the bodies of successful answers to exports, before the sender of a request gets the end of the body. The official
 * exporters only log the rejected items in an answer.
 *
 * @param answers the answer that a response belongs to; other responses of the process belong to none
 * @returns how to stop
 */
function readAnswers(
  answers: AsyncLocalStorage<ExportResponse>,
  read: (answer: ExportResponse, body: Uint8Array) => void,
): () => void {
  const listener = (message: unknown) => {
    const answer = answers.getStore();
    const { response } = message as { readonly response: http.IncomingMessage };
    if (answer === undefined || Number(response.statusCode) > 299) return;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    response.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= MAX_BYTES) chunks.push(chunk);
    });
    response.on('end', () => {
      try {
        if (bytes > 0 && bytes <= MAX_BYTES) read(answer, Buffer.concat(chunks));
      } catch {} // not an answer of OTLP: nothing is known to be rejected
    });
  };
  subscribe(CHANNEL, listener);
  return () => void unsubscribe(CHANNEL, listener);
}
