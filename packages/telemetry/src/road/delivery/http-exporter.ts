import type http from 'node:http';
import type https from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { suppressTracing } from '@opentelemetry/core';
import type { CompressionAlgorithm, OTLPExporterNodeConfigBase } from '@opentelemetry/otlp-exporter-base';
import { httpAgentFactoryFromOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import { isLoopback } from '../../common/loopback.ts';
import { clearTimeout, setTimeout } from '../../common/primordials.ts';
import type { Destination as Configured } from '../../process/settings/destinations.ts';
import type { ExportFailure, Fate } from './export-failure.ts';
import { failureOfExport, fateOf } from './export-failure.ts';
import type { Answer as LastAnswer, Target } from './last-requests.ts';
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
  | { readonly kind: Fate; readonly failure: ExportFailure };

/** An export request. The exporter's own metrics count its items. */
interface Request {
  readonly body: Uint8Array;
  readonly length: number;
}

/** An official exporter. Its delegate, the serializer of the delegate, and its repetition are private. */
interface OfficialExporter {
  readonly _delegate: {
    _serializer: ISerializer<Request, object>;
    readonly _transport: { readonly _transport: Transport };
  };
  export(request: Request, done: (result: ExportResult) => void): void;
}

interface Transport {
  send(body: Uint8Array, timeoutMs: number, inMs?: number): Promise<unknown>;
}

/** Answers after which the official exporter repeats a request. Its error has no status then. */
const REPEATED = [429, 502, 503, 504];

/**
 * How long a request without an answer keeps the process alive, in milliseconds: with an answer in this time nothing is sent
 * twice, and a process that has finished does not wait for a backend that is away.
 */
const HOLDS_MS = 150;

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
  readonly #agentOptions: https.AgentOptions;
  readonly #destination: Destination;
  #isClosed = false;

  constructor(destination: Destination, signal: Signal, exportTimeoutMs: number) {
    const { url, headers, timeoutMs = exportTimeoutMs, compression = 'none', tls } = destination;
    const newAgent = httpAgentFactoryFromOptions({ keepAlive: true, ...tls });
    this.#destination = destination;
    this.#agentOptions = { ...tls };
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
        const proxyEnv = proxyFor(url);
        this.#agent ??= proxyEnv === undefined ? agent : newProxied(agent, protocol, proxyEnv);
        return this.#agent;
      },
    });
    const { _transport: repeating } = this.#exporter._delegate;
    // The official timer would keep a process alive that has finished.
    const retry: Transport['send'] = (body, timeoutMs, inMs) =>
      new Promise((resolve, reject) => {
        const send = () => repeating._transport.send(body, timeoutMs).then(resolve, reject);
        setTimeout(send, inMs).unref();
      });
    Object.assign(repeating, { retry });
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
    const letGo = setTimeout(() => this.#letGo(), HOLDS_MS).unref();
    const done = (result: ExportResult) => {
      clearTimeout(letGo);
      resolve(this.#outcomeOf(result, this.#answer));
      this.#answer = {};
    };
    context.with(UNTRACED, () => this.#exporter.export({ body, length: items }, done));
    return promise;
  }

  /** Where and how a thread sends what is left at the end of the process. */
  get target(): Target {
    const { headers, compression = 'none' } = this.#destination;
    const proxyEnv = proxyFor(this.url);
    return {
      url: this.url,
      headers: {
        ...headers,
        'content-type': 'application/x-protobuf',
        'user-agent': 'OTel-OTLP-Exporter-JavaScript',
      },
      compression,
      // A type of its own: `proxyEnv` is newer than the types of Node.
      agent: { ...this.#agentOptions, ...(proxyEnv && { proxyEnv: { ...proxyEnv } }) },
    };
  }

  /** The outcome of a request that a thread has sent. */
  outcomeOf({ status = 0, body = new Uint8Array(), error }: LastAnswer): Outcome {
    if (error !== undefined) return this.#outcomeOf({ code: 1, error: error as Error }, {});
    if (status >= 200 && status < 300) return this.#outcomeOf({ code: 0 }, readAnswer(body));
    const data = Buffer.from(body).toString();
    const failure = { name: 'OTLPExporterError', message: '', data };
    return this.#outcomeOf(
      { code: 1, error: REPEATED.includes(status) ? failure : Object.assign(failure, { code: status }) },
      {},
    );
  }

  /** From now on, requests that are under way keep no process alive. */
  #letGo(): void {
    for (const sockets of Object.values(this.#agent?.sockets ?? {}))
      for (const socket of sockets ?? []) socket.unref();
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
    // A backend of traces alone never takes log records, so they need not wait.
    return { kind: failure.cause === 'traces-only' ? 'refused' : fateOf(failure.status), failure };
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

/** Node's own. An import would also load undici, because it reads each export, and `WebSocket` is one. */
function moduleFor(protocol: string): typeof http | typeof https {
  return process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http');
}

/** The variables of Node's own agent about proxies (NODE_USE_ENV_PROXY); undefined for this machine, or without a proxy. */
function proxyFor(url: string): NodeJS.ProcessEnv | undefined {
  const { hostname, protocol } = new URL(url);
  const { globalAgent } = moduleFor(protocol);
  return isLoopback(hostname) ? undefined : optionsOf(globalAgent).proxyEnv;
}

function newProxied(agent: http.Agent, protocol: string, proxyEnv: NodeJS.ProcessEnv): http.Agent {
  const { Agent } = moduleFor(protocol);
  return new Agent({ ...optionsOf(agent), proxyEnv } as https.AgentOptions);
}

function optionsOf(agent: http.Agent) {
  return Reflect.get(agent, 'options'); // has no type
}
