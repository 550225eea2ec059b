import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { HrTime, SpanContext } from '@opentelemetry/api';
import { isValidSpanId, isValidTraceId } from '@opentelemetry/api';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { spanOfLine } from '../log-mixin.ts';
import type { Resource } from '../opentelemetry/sdk.ts';
import { millisToHrTime } from '../opentelemetry/sdk.ts';
import type { TraceClock } from '../sdk/clock.ts';
import { RecordedSpan } from '../sdk/span.ts';
import { exceptionFields } from './exception-fields.ts';
import type { LogEntry, LogRecordData } from './log-record.ts';
import { severityOfLevel } from './severity.ts';

/** pino tells here of every line, when it is text: https://github.com/pinojs/pino/blob/main/docs/diagnostics.md */
const CHANNEL = 'tracing:pino_asJson:end';

const SCOPE = Object.freeze({ name: 'pino' });

/** What the channel tells: the logger, what it was called with, and the line. */
interface AsJsonCall {
  readonly instance: PinoLogger;
  /** `time` as it stands in the line: `,"time":"2026-01-01T00:00:00.000Z"`, or empty. */
  readonly arguments: readonly [fields: object, message: string | undefined, level: number, time: string];
  readonly result?: unknown;
}

interface PinoLogger {
  readonly levels?: { readonly labels?: Readonly<Record<number, string>> };
  readonly [key: symbol]: unknown;
}

/** What becomes of a line. */
interface LineOrigin {
  readonly resource: Resource;
  readonly clock: TraceClock;
}

/**
 * Makes a log entry of every line that any pino logger of this process writes, those made earlier too. The line is what
 * is exported: serializers, redaction and the fields of child loggers have done their work. Nothing is patched.
 * @returns how to stop
 */
export function hearPinoLines(take: (entry: LogEntry) => void, origin: LineOrigin): () => void {
  const onLine = (message: unknown) => {
    const call = message as AsJsonCall;
    if (typeof call.result === 'string') take(new PinoLine(call, call.result, origin));
  };
  subscribe(CHANNEL, onLine);
  return () => void unsubscribe(CHANNEL, onLine);
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

  constructor({ instance, arguments: given }: AsJsonCall, line: string, origin: LineOrigin) {
    const span = spanOfLine(given[0]);
    const anchor = span instanceof RecordedSpan ? span.anchor : origin.clock.anchor();
    this.resource = origin.resource;
    this.#json = line;
    this.#message = given[1]; // one by one: taken apart as a list, they cost twice as much
    this.#level = given[2];
    this.#timeField = given[3];
    this.#logger = instance;
    this.#observedTime = origin.clock.now(anchor);
    this.#spanContext = span?.spanContext();
  }

  read(): LogRecordData {
    const { trace_id, span_id, trace_flags, ...fields } = JSON.parse(this.#json) as Record<string, unknown>;
    const label = this.#logger.levels?.labels?.[this.#level] ?? '';
    const eventName = fields['event.name'];
    delete fields['event.name'];
    for (const [name, attribute] of Object.entries(IN_RESOURCE))
      if (fields[name] === this.resource.attributes[attribute]) delete fields[name];
    if (fields.level === label || fields.level === this.#level) delete fields.level;
    const messageName = settingOf(this.#logger, 'pino.messageKey', 'msg');
    const body = this.#message === undefined ? undefined : fields[messageName];
    if (this.#message !== undefined) delete fields[messageName];
    return {
      time: this.#ownTime(fields) ?? this.#observedTime,
      observedTime: this.#observedTime,
      severityNumber: severityOfLevel(this.#level),
      severityText: label,
      body,
      attributes: exceptionFields(fields, settingOf(this.#logger, 'pino.errorKey', 'err')),
      spanContext: this.#spanContext ?? spanNamed(trace_id, span_id, trace_flags),
      eventName: typeof eventName === 'string' ? eventName : '',
    };
  }

  /**
   * When it happened, where the line says so by a time of its own. The logger's own reading of the clock is dropped: it
   * has milliseconds, and would put a line before the span in which it was written.
   */
  #ownTime(fields: Record<string, unknown>): HrTime | undefined {
    const [, key, written] = /^,"([^"]+)":"?([^"]*)"?$/.exec(this.#timeField) ?? [];
    if (key === undefined) return undefined;
    const value = fields[key];
    delete fields[key];
    if (String(value) === written) return undefined;
    const milliseconds = typeof value === 'number' ? value : Date.parse(String(value));
    return Number.isFinite(milliseconds) ? millisToHrTime(milliseconds) : undefined;
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

/** A setting that pino keeps on its loggers under a symbol, of which each copy of pino has its own. */
function settingOf(logger: PinoLogger, description: string, otherwise: string): string {
  for (let each: object | null = logger; each !== null; each = Object.getPrototypeOf(each)) {
    const symbol = Object.getOwnPropertySymbols(each).find((own) => own.description === description);
    const value = symbol && logger[symbol];
    if (typeof value === 'string') return value;
  }
  return otherwise;
}
