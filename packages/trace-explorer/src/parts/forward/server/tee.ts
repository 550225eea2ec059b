import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { ExportSignal } from '@tandem/otlp';
import { redactAttributes } from '@tandem/otlp';
import { ConfigError } from '@tandem/service-kit/http';
import { logSafeUrl, secretsOf } from '@tandem/telemetry/workspace';
import type { Signal } from '@tandem/telemetry/workspace/delivery';
import { LOG_RECORDS, SPANS } from '@tandem/telemetry/workspace/delivery';
import type { FastifyBaseLogger } from 'fastify';
import { withSemconvAliases } from '../../../core/conventions/attributes.ts';
import { Failure } from '../../../core/failures.ts';
import { readAccount } from '../../../core/honeycomb-account.ts';
import { codingOf, decompress } from '../../../core/receiver/body.ts';
import type { TakenBody, Tee } from '../../../core/receiver/tee.ts';
import { isOfCode } from '../../../core/redaction/named-fields.ts';
import { RedactedFields } from '../../../core/redaction/redacted-fields.ts';
import { isLoopbackHost } from '../../../lib/text/loopback.ts';
import type { ForwardStatus } from '../status.ts';
import type { ForwardSettings } from './forward-settings.ts';
import { Forwarder, MARK_HEADER } from './forwarder.ts';

export interface ExplorerTeeOptions {
  readonly settings: ForwardSettings;
  /** HOST: the address where this explorer listens. */
  readonly host?: string;
  /** DATA_DIR, absolute. */
  readonly dataDirectory: string;
  /** Whether an origin is the explorer's page, also behind a proxy whose host name it allows. */
  isOfPage(origin: string): boolean;
  /** Base URLs of services, whose metrics say whether they send to Honeycomb themselves. */
  readonly services: readonly string[];
  readonly logger: FastifyBaseLogger;
}

/** Most bytes of a body, unpacked: the same as the intake's. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** Without it a body has no attribute of code. */
const CODE = 'code.';
/** Milliseconds between two looks at the services. */
const ASK_EVERY_MS = 30_000;
/** Milliseconds for waiting bodies when the explorer stops. */
const STOP_MS = 3_000;

const SIGNALS: Readonly<Record<ExportSignal, Signal>> = {
  traces: SPANS,
  logs: LOG_RECORDS,
  metrics: {
    ...SPANS, // the answers of all signals have one form
    name: 'metrics',
    item: 'request of metrics',
    Items: 'Metrics',
    items: 'requests of metrics',
  },
};

/** EXPLORER_FORWARD: data that is taken over OTLP goes on to a destination, by way of a folder of its own. */
export class ExplorerTee implements Tee {
  readonly #options: ExplorerTeeOptions;
  readonly #forwarders: Readonly<Record<ExportSignal, Forwarder>>;
  readonly #isRedacted: ((name: string) => boolean) | undefined;
  readonly #notices = new Set<string>();
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Services that send to Honeycomb themselves. */
  #others: readonly string[] = [];

  constructor(options: ExplorerTeeOptions) {
    const { settings, dataDirectory, logger } = options;
    const { name, url, headers, maxBytes, redacted } = settings;
    this.#options = options;
    // A body that waits for one destination must not go to another.
    const place = createHash('sha256').update(url).digest('hex').slice(0, 12);
    const directory = join(dataDirectory, 'spool', 'trace-explorer', `${name}-${place}`);
    const secrets = secretsOf({ url, headers });
    const forwarderOf = (signal: Signal) =>
      new Forwarder({
        name,
        signal,
        url: `${url}/v1/${signal.name}`,
        headers,
        secrets,
        directory: join(directory, signal.name),
        maxBytes,
        logger,
      });
    const { traces, logs, metrics } = SIGNALS;
    this.#forwarders = {
      traces: forwarderOf(traces),
      logs: forwarderOf(logs),
      metrics: forwarderOf(metrics),
    };
    // In bytes no copy of a value is found: the attributes that repeat one are left out, too.
    const fields = redacted.length === 0 ? undefined : new RedactedFields(redacted, withSemconvAliases);
    this.#isRedacted = fields && ((field) => fields.has(field));
  }

  async begin(ports: readonly (number | undefined)[] = []): Promise<void> {
    this.#refuseOwnAddress(ports);
    await Promise.all(this.#all((forwarder) => forwarder.begin()));
  }

  accept(
    signal: ExportSignal,
    headers: IncomingHttpHeaders,
  ): ((body: TakenBody) => Promise<void>) | undefined {
    const { settings, isOfPage } = this.#options;
    if (!settings.ofPage && isOfPage(headers.origin ?? '')) return undefined;
    if (MARK_HEADER in headers)
      throw new Failure(
        'UNREADABLE',
        'an explorer has sent this on already. EXPLORER_FORWARD leads back here, or to another explorer that sends on: set it in one of them',
      );
    const dataset = String(headers['x-honeycomb-dataset'] ?? '').trim();
    if (signal === 'metrics') this.#noticeDataset(dataset);
    const forwarder = this.#forwarders[signal];
    return async (body) => {
      const bytes = await this.#prepare(signal, body).catch(() => undefined);
      if (bytes === undefined) forwarder.drop(body.items);
      else if (bytes.byteLength > 0) await forwarder.enqueue(dataset, bytes, body.items);
    };
  }

  /** For `/api/status`. */
  status(): ForwardStatus {
    void this.#askServices();
    const problems = this.#all(({ problem }) => problem).filter((problem) => problem !== undefined);
    const twice = this.#others.map(
      (url) =>
        `${url} sends to Honeycomb itself, too, so its spans are there twice. Unset its HONEYCOMB_API_KEY.`,
    );
    const notices = this.#all((forwarder) => [...forwarder.notices]).flat();
    const { traces, logs, metrics } = this.#forwarders;
    return {
      to: logSafeUrl(this.#options.settings.url),
      is_honeycomb: this.#options.settings.name === 'honeycomb',
      traces: traces.counts(),
      logs: logs.counts(),
      metrics: metrics.counts(),
      problems: [...new Set([...problems, ...twice, ...this.#notices, ...notices])],
    };
  }

  async close(): Promise<void> {
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    // Holds the process: where nobody answers, nothing else does until all is on disk.
    const timer = setTimeout(resolve, STOP_MS);
    await Promise.all(this.#all((forwarder) => forwarder.stop(deadline))).finally(() => clearTimeout(timer));
  }

  #refuseOwnAddress(ports: readonly (number | undefined)[]): void {
    const { settings, host } = this.#options;
    const { hostname, port } = new URL(settings.url);
    if (!ports.includes(Number(port)) || !(isLoopbackHost(hostname) || hostname === host)) return;
    throw new ConfigError(
      'EXPLORER_FORWARD',
      `EXPLORER_FORWARD must be another address, not ${logSafeUrl(settings.url)}, where this explorer itself takes spans.`,
    );
  }

  /** The bytes as they came; without gzip where a value is redacted. Undefined for a body that cannot be sent on. */
  async #prepare(signal: ExportSignal, body: TakenBody): Promise<Uint8Array | undefined> {
    const coding = codingOf(body.contentEncoding);
    const isJson = body.encoding === 'json';
    const isRedacted = this.#isRedacted;
    const isLeftOut = !this.#options.settings.withCode && signal !== 'metrics' ? isOfCode : undefined;
    if (coding === 'gzip' && !isJson && isRedacted === undefined && isLeftOut === undefined)
      return body.bytes;
    const packed = Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength);
    const bytes = await decompress(packed, coding, MAX_BODY_BYTES);
    const hasCode = isLeftOut !== undefined && bytes.includes(CODE);
    if (isRedacted === undefined && !hasCode) {
      if (isJson) return bytes.subarray(Math.max(0, bytes.indexOf('{')));
      return coding === 'gzip' ? body.bytes : bytes;
    }
    if (!isJson) return redactAttributes(bytes, signal, isRedacted ?? (() => false), isLeftOut);
    this.#notices.add('Metrics in JSON do not go on, because EXPLORER_FORWARD_REDACT reads protobuf only.');
    return undefined;
  }

  async #askServices(): Promise<void> {
    const { settings, services } = this.#options;
    if (settings.name !== 'honeycomb' || performance.now() - this.#askedAt < ASK_EVERY_MS) return;
    this.#askedAt = performance.now();
    const accounts = await Promise.all(services.map(readAccount));
    this.#others = services.filter((_, index) => accounts[index] !== undefined);
  }

  /** Honeycomb stores metrics by dataset, which nothing in them names. */
  #noticeDataset(dataset: string): void {
    const { name, headers } = this.#options.settings;
    if (name !== 'honeycomb' || dataset !== '' || 'x-honeycomb-dataset' in headers) return;
    this.#notices.add(
      'Metrics need a dataset at Honeycomb: set EXPLORER_FORWARD_HEADERS=x-honeycomb-dataset=metrics.',
    );
  }

  #all<T>(read: (forwarder: Forwarder) => T): T[] {
    return Object.values(this.#forwarders).map(read);
  }
}
