import http from 'node:http';
import https from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { suppressTracing } from '@opentelemetry/core';
import type { CompressionAlgorithm, OTLPExporterNodeConfigBase } from '@opentelemetry/otlp-exporter-base';
import { httpAgentFactoryFromOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { Destination as Configured } from '../settings/destinations.ts';
import type { ExportFailure, ExportFailureCause } from './export-failure.ts';
import { failureOfExport } from './export-failure.ts';
import type { Answer } from './read-answer.ts';
import { readAnswer } from './read-answer.ts';
import type { Signal } from './signal.ts';

/**
 * A place that takes items, with a name for messages and for the path of the spool. By default requests have no headers of their
 * own and no compression, only the time of the whole export counts, and the certificates are those that Node trusts.
 */
export type Destination = Partial<Omit<Configured, 'name'>> & { readonly name: string; readonly url: string };

/**
 * The outcome of a request: taken (perhaps not every item), to be sent again, too large, or refused for good. A warning is
 * what people should know of an answer that nothing is known to be lost by.
 */
export type Outcome =
  | {
      readonly kind: 'taken';
      readonly rejected?: number;
      readonly failure?: ExportFailure;
      readonly warning?: ExportFailure;
    }
  | { readonly kind: 'retry' | 'too-large' | 'refused'; readonly failure: ExportFailure };

/** An export request. The exporter's own metrics count its items. */
interface Request {
  readonly body: Uint8Array;
  readonly length: number;
}

/** An official exporter. Its delegate, and the serializer of the delegate, are private. */
interface OfficialExporter {
  readonly _delegate: { _serializer: ISerializer<Request, object> };
  export(request: Request, done: (result: ExportResult) => void): void;
}

/** Host names of this machine, for which no proxy is asked. */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;
/** A wrong key, path, proxy or compression. The items are kept until a person mends the setting. */
const MENDED_BY_PEOPLE: readonly ExportFailureCause[] = [
  'unauthorized',
  'not-found',
  'wrong-form',
  'redirected',
];

/** The official default. */
const CONCURRENCY_LIMIT = 30;

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/**
 * The official exporter of a signal to one destination. The official exporter repeats a failed request, as OTLP asks, until
 * the export timeout ends. An exporter encodes items at each export, and only logs the rejected items of an answer. In
 * place of its serializer stands one that takes encoded requests, and keeps the answer.
 */
export class HttpExporter {
  readonly url: string;
  readonly #signal: Signal;
  readonly #exporter: OfficialExporter;
  /** The answer to the export that is done in this turn of the event loop. */
  #answer: Answer = {};
  #agent: http.Agent | undefined;
  #isClosed = false;

  constructor(destination: Destination, signal: Signal, exportTimeoutMs: number) {
    const { url, headers, timeoutMs = exportTimeoutMs, compression = 'none', tls } = destination;
    const newAgent = httpAgentFactoryFromOptions({ keepAlive: true, ...tls });
    this.url = url;
    this.#signal = signal;
    this.#exporter = newExporter(signal, {
      url,
      timeoutMillis: Math.min(timeoutMs, exportTimeoutMs),
      concurrencyLimit: CONCURRENCY_LIMIT,
      compression: compression as CompressionAlgorithm,
      headers: async () => {
        if (this.#isClosed) throw new Error('Telemetry is shutting down.');
        return { ...headers };
      },
      httpAgentOptions: async (protocol) => {
        const agent = await newAgent(protocol);
        this.#agent ??= LOOPBACK.test(new URL(url).hostname) ? agent : proxied(agent, protocol);
        return this.#agent;
      },
    });
    this.#exporter._delegate._serializer = {
      serializeRequest: ({ body }) => body,
      deserializeResponse: (bytes) => {
        this.#answer = readAnswer(bytes);
        return {}; // nothing for the exporter to log
      },
    };
  }

  /** Sends an encoded export request of so many items. */
  send(body: Uint8Array, items: number): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const done = (result: ExportResult) => {
      resolve(this.#outcomeOf(result, this.#answer));
      this.#answer = {};
    };
    context.with(UNTRACED, () => this.#exporter.export({ body, length: items }, done));
    return promise;
  }

  /** Ends repetition, and closes the connections. */
  close(): void {
    this.#isClosed = true;
    this.#agent?.destroy();
  }

  #outcomeOf({ error }: ExportResult, { cause, rejected, detail }: Answer): Outcome {
    if (error === undefined) {
      if (cause === undefined) return { kind: 'taken' };
      const said = { url: this.url, cause, ...(detail !== undefined && { detail }) };
      if (cause === 'web-page') return { kind: 'retry', failure: said }; // people mend it
      return rejected === undefined
        ? { kind: 'taken', warning: said }
        : { kind: 'taken', rejected, failure: said };
    }
    const failure = failureOfExport(this.url, error, this.#signal.name);
    const { status } = failure;
    if (status === 413) return { kind: 'too-large', failure };
    const isKept = status === undefined || MENDED_BY_PEOPLE.includes(failure.cause);
    return { kind: isKept ? 'retry' : 'refused', failure };
  }
}

/** The variables that the official exporters read beside their options: a header for one backend would go to each. */
const VARIABLE = /^OTEL_EXPORTER_OTLP_/;

/** The constructor of an official exporter runs at once, while the environment has no variables of exporters. */
function newExporter({ Exporter }: Signal, config: OTLPExporterNodeConfigBase): OfficialExporter {
  const hidden = Object.entries(process.env).filter(([name]) => VARIABLE.test(name));
  try {
    for (const [name] of hidden) delete process.env[name];
    return new Exporter(config) as object as OfficialExporter;
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
