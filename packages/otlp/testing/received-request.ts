import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { gunzipSync, inflateSync } from 'node:zlib';
import { spanNames } from './decode-request.ts';
import type { ReceivedLogRecord } from './received-log-record.ts';
import { logTexts, receivedLogRecords } from './received-log-record.ts';
import type { ReceivedSpan } from './received-span.ts';
import { receivedSpans } from './received-span.ts';

/** One request, as it came. It is unpacked and read when somebody looks: a benchmark that does not pays nothing. */
export class ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The client's end of the connection. */
  readonly remotePort: number | undefined;
  readonly #packed: Buffer;
  #body: Buffer | undefined;
  #spanNames: readonly string[] | undefined;
  #spans: readonly ReceivedSpan[] | undefined;
  #logRecords: readonly ReceivedLogRecord[] | undefined;

  constructor(message: IncomingMessage, packed: Buffer) {
    this.path = message.url ?? '';
    this.headers = message.headers;
    this.remotePort = message.socket.remotePort;
    this.#packed = packed;
  }

  /** Whether it was sent to the path of log records. */
  get isOfLogs(): boolean {
    return this.path.endsWith('/v1/logs');
  }

  /** Whether it was sent to the path of metrics, whose content nothing here reads. */
  get isOfMetrics(): boolean {
    return this.path.endsWith('/v1/metrics');
  }

  /** As it came, with its Content-Encoding. */
  get packed(): Buffer {
    return this.#packed;
  }

  /** Without its Content-Encoding. */
  get body(): Buffer {
    this.#body ??= unpack(this.#packed, this.headers['content-encoding']);
    return this.#body;
  }

  /** The names of its spans, in order: some ten times as fast as reading all that they have. */
  get spanNames(): readonly string[] {
    this.#spanNames ??= spanNames(this.body);
    return this.#spanNames;
  }

  get spans(): readonly ReceivedSpan[] {
    this.#spans ??= receivedSpans(this.body);
    return this.#spans;
  }

  /** The texts of a request's log records, in order, as fast as {@link spanNames}. */
  get logTexts(): readonly string[] {
    return logTexts(this.body);
  }

  /** The log records of a request of logs. */
  get logRecords(): readonly ReceivedLogRecord[] {
    this.#logRecords ??= receivedLogRecords(this.body);
    return this.#logRecords;
  }
}

function unpack(packed: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(packed);
  return encoding === 'deflate' ? inflateSync(packed) : packed;
}
