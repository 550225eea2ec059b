import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { HrTime, SpanContext } from '@opentelemetry/api';
import { isValidSpanId, isValidTraceId } from '@opentelemetry/api';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_SERVICE_NAME,
} from '@opentelemetry/semantic-conventions';
import { spanOfLine } from '../log-mixin.ts';
import type { Resource } from '../opentelemetry/sdk.ts';
import { RecordedSpan } from '../sdk/span.ts';
import type { LogEntry, LogRecordData, LogSink } from './log-record.ts';
import { logSink } from './log-record.ts';

/** pino publishes every line on this channel, as text: https://github.com/pinojs/pino/blob/main/docs/diagnostics.md */
const CHANNEL = 'tracing:pino_asJson:end';

const SCOPE = Object.freeze({ name: 'pino' });

/** What the channel publishes: the logger, what it was called with, and the line. */
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
  const onLine = (message: unknown) => {
    const call = message as AsJsonCall;
    if (typeof call.result === 'string') sink.add(new PinoLine(call, call.result, sink));
  };
  logSink.value = sink;
  subscribe(CHANNEL, onLine);
  return () => {
    unsubscribe(CHANNEL, onLine);
    logSink.value = undefined;
  };
}

/** Fields of a line that repeat what the resource says, by the attribute that says it. */
const IN_RESOURCE = {
  'service.name': ATTR_SERVICE_NAME,
  pid: 'process.pid',
  hostname: 'host.name',
} as const;

/** A line of pino with what was true when it was written. It is parsed when it is encoded, away from the request. */
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
    const { trace_id, span_id, trace_flags, 'event.name': eventName, ...fields } = JSON.parse(this.#json);
    const label = this.#logger.levels?.labels?.[this.#level] ?? '';
    for (const [name, attribute] of Object.entries(IN_RESOURCE))
      if (fields[name] === this.resource.attributes[attribute]) delete fields[name];
    if (fields.level === label || fields.level === this.#level) delete fields.level;
    this.#dropTime(fields);
    return {
      time: this.#observedTime,
      observedTime: this.#observedTime,
      severityNumber: severityOfLevel(this.#level),
      severityText: label,
      body: this.#takeMessage(fields),
      attributes: withException(fields),
      spanContext: this.#spanContext ?? spanNamed(trace_id, span_id, trace_flags),
      eventName: typeof eventName === 'string' ? eventName : '',
    };
  }

  /** As it stands in the line, where it may be redacted; under the logger's `messageKey` if that is another one. */
  #takeMessage(fields: Fields): unknown {
    if (this.#message === undefined) return undefined;
    const isMessage = (key: string) => fields[key] === this.#message;
    const key = 'msg' in fields ? 'msg' : (Object.keys(fields).findLast(isMessage) ?? '');
    const message = fields[key];
    delete fields[key];
    return message;
  }

  /** The logger's own reading of the clock has milliseconds, and would put a line before the span in which it was written. */
  #dropTime(fields: Fields): void {
    const [, key = '', written] = /^,"([^"]+)":"?([^"]*)"?$/.exec(this.#timeField) ?? [];
    if (String(fields[key]) === written) delete fields[key];
  }
}

/** The span that a line names itself: of another process, or of a time when its span is active no more. */
function spanNamed(traceId: unknown, spanId: unknown, flags: unknown): LogRecordData['spanContext'] {
  if (typeof traceId !== 'string' || !isValidTraceId(traceId)) return undefined;
  return {
    traceId,
    spanId: typeof spanId === 'string' && isValidSpanId(spanId) ? spanId : '',
    traceFlags: typeof flags === 'string' ? Number.parseInt(flags, 16) & 0xff : 0,
  };
}

/**
 * SeverityNumber (Logs Data Model) of one of pino's levels: 30 (info) is 9, INFO; a level between two of pino's own lies
 * between their numbers, and 35 is 11, INFO3.
 */
function severityOfLevel(level: number): number {
  const number = 1 + Math.floor(((level - 10) / 10) * 4);
  return Math.min(24, Math.max(1, number));
}

/** What pino's serializer writes of an error, and the attribute that it is by the conventions for exceptions. */
const EXCEPTION_FIELDS = [
  ['type', ATTR_EXCEPTION_TYPE],
  ['message', ATTR_EXCEPTION_MESSAGE],
  ['stack', ATTR_EXCEPTION_STACKTRACE],
] as const;

/** The fields with their serialized error as `exception.*`; what else the error says stays under its own key. */
function withException(fields: Fields): Fields {
  const key = 'err' in fields ? 'err' : Object.keys(fields).find((each) => isSerializedError(fields[each]));
  const error = key === undefined ? undefined : fields[key];
  if (key === undefined || typeof error !== 'object' || error === null || Array.isArray(error)) return fields;
  const rest: Fields = { ...error };
  const attributes = { ...fields };
  for (const [name, attribute] of EXCEPTION_FIELDS) {
    if (typeof rest[name] !== 'string') continue;
    attributes[attribute] = rest[name];
    delete rest[name];
  }
  if (Object.keys(rest).length === 0) delete attributes[key];
  else attributes[key] = rest;
  return attributes;
}

/** Whether pino's serializer for errors has made it, under the logger's `errorKey`. */
function isSerializedError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && EXCEPTION_FIELDS.every(([name]) => name in value);
}
