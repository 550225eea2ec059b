import type { HrTime, SpanContext } from '@opentelemetry/api';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_SERVICE_NAME,
} from '@opentelemetry/semantic-conventions';
import { listenTo } from '../channels.ts';
import { spanOfLine } from '../log-mixin.ts';
import type { Resource } from '../opentelemetry/sdk.ts';
import { RecordedSpan } from '../sdk/span.ts';
import type { LogEntry, LogRecordData, LogSink } from './log-record.ts';
import { logSink } from './log-record.ts';

/** pino publishes every line on this channel, as text: https://github.com/pinojs/pino/blob/main/docs/diagnostics.md */
const CHANNEL = 'tracing:pino_asJson:end';

const SCOPE = Object.freeze({ name: 'pino' });

/** A message of the channel: the logger, the arguments of the call, and the line. */
interface AsJsonCall {
  readonly instance: PinoLogger;
  /** `time` as it stands in the line: `,"time":"2026-01-01T00:00:00.000Z"`, or empty. */
  readonly arguments: readonly [fields: object, message: string | undefined, level: number, time: string];
  readonly result?: unknown;
}

interface PinoLogger {
  readonly levels?: { readonly labels?: Readonly<Record<number, string>> };
}

type Fields = Record<string, unknown>;

/**
 * Makes a log entry of every line that any pino logger of this process writes, loggers made earlier included. The line
 * is exported as it is: after serializers and redaction, with the fields of child loggers. Nothing is patched.
 *
 * @param sink takes log records of other sources too, as `logSink`
 * @returns how to stop
 */
export function startLogs(sink: LogSink): () => void {
  logSink.value = sink;
  const stop = listenTo<AsJsonCall>({
    [CHANNEL]: (call) => {
      if (typeof call.result === 'string') sink.add(new PinoLine(call, call.result, sink));
    },
  });
  return () => {
    stop();
    logSink.value = undefined;
  };
}

/** A line of pino, with the time and the span in which it was written. It is parsed when it is encoded, after the request. */
class PinoLine implements LogEntry {
  readonly resource: Resource;
  readonly instrumentationScope = SCOPE;
  readonly #json: string;
  readonly #observedTime: HrTime;
  readonly #spanContext: SpanContext | undefined;
  readonly #message: string | undefined;
  readonly #level: number;
  readonly #timeField: string;
  readonly #logger: PinoLogger;

  constructor({ instance, arguments: given }: AsJsonCall, line: string, { resource, clock }: LogSink) {
    const span = spanOfLine(given[0]);
    const anchor = span instanceof RecordedSpan ? span.anchor : clock.anchor();
    this.resource = resource;
    this.#json = line;
    this.#message = given[1]; // one by one: taken apart as a list, they cost twice as much
    this.#level = given[2];
    this.#timeField = given[3];
    this.#logger = instance;
    this.#observedTime = clock.now(anchor);
    this.#spanContext = span?.spanContext();
  }

  read(): LogRecordData {
    const { 'event.name': eventName, ...fields } = JSON.parse(this.#json);
    const label = this.#logger.levels?.labels?.[this.#level] ?? '';
    if (this.#spanContext) for (const name of ['trace_id', 'span_id', 'trace_flags']) delete fields[name];
    if (fields['service.name'] === this.resource.attributes[ATTR_SERVICE_NAME]) delete fields['service.name'];
    if (fields.level === label || fields.level === this.#level) delete fields.level;
    this.#dropTime(fields);
    return {
      time: this.#observedTime,
      observedTime: this.#observedTime,
      severityNumber: severityOfLevel(this.#level),
      severityText: label,
      body: this.#takeMessage(fields),
      attributes: withException(fields),
      spanContext: this.#spanContext,
      eventName: typeof eventName === 'string' ? eventName : '',
    };
  }

  /** The message as it stands in the line, where it may be redacted. The key is `msg`, or the logger's `messageKey`. */
  #takeMessage(fields: Fields): unknown {
    if (this.#message === undefined) return undefined;
    const isMessage = (key: string) => fields[key] === this.#message;
    const key = 'msg' in fields ? 'msg' : (Object.keys(fields).findLast(isMessage) ?? '');
    const message = fields[key];
    delete fields[key];
    return message;
  }

  /** Takes the logger's time away: it has whole milliseconds, which may lie before the start of the span. */
  #dropTime(fields: Fields): void {
    const [, key = '', written] = /^,"([^"]+)":"?([^"]*)"?$/.exec(this.#timeField) ?? [];
    if (String(fields[key]) === written) delete fields[key];
  }
}

/**
 * SeverityNumber (Logs Data Model) of one of pino's levels. 30 (info) is 9, INFO; 35, between info and warn, is 11, INFO3.
 */
function severityOfLevel(level: number): number {
  const number = 1 + Math.floor(((level - 10) / 10) * 4);
  return Math.min(24, Math.max(1, number));
}

/** Fields of pino's serializer for errors, and their attributes by the conventions for exceptions. */
const EXCEPTION_FIELDS = [
  ['type', ATTR_EXCEPTION_TYPE],
  ['message', ATTR_EXCEPTION_MESSAGE],
  ['stack', ATTR_EXCEPTION_STACKTRACE],
] as const;

/** The fields with `err`, a serialized error, as `exception.*`. Other fields of the error stay in `err`. */
function withException(fields: Fields): Fields {
  const { err, ...attributes } = fields;
  if (typeof err !== 'object' || err === null || Array.isArray(err)) return fields;
  const rest: Fields = { ...err };
  for (const [name, attribute] of EXCEPTION_FIELDS) {
    if (typeof rest[name] !== 'string') continue;
    attributes[attribute] = rest[name];
    delete rest[name];
  }
  return Object.keys(rest).length === 0 ? attributes : { ...attributes, err: rest };
}
