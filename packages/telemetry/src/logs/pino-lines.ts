import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { HrTime, SpanContext } from '@opentelemetry/api';
import { isValidSpanId, isValidTraceId, trace } from '@opentelemetry/api';
import type { Resource } from '../opentelemetry/sdk.ts';
import { millisToHrTime } from '../opentelemetry/sdk.ts';
import { RecordedSpan } from '../sdk/recorded-span.ts';
import type { TraceClock } from '../sdk/trace-clock.ts';
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

/** A line of pino with what was true when it was written. */
class PinoLine implements LogEntry {
  readonly resource: Resource;
  readonly instrumentationScope = SCOPE;
  readonly #line: string;
  readonly #message: string | undefined;
  readonly #level: number;
  readonly #timeField: string;
  readonly #logger: PinoLogger;
  readonly #observed: HrTime;
  readonly #spanContext: SpanContext | undefined;

  constructor(
    { instance, arguments: [, message, level, time] }: AsJsonCall,
    line: string,
    origin: LineOrigin,
  ) {
    const span = trace.getActiveSpan();
    const anchor = span instanceof RecordedSpan ? span.anchor : origin.clock.anchor();
    this.resource = origin.resource;
    this.#line = line;
    this.#message = message;
    this.#level = level;
    this.#timeField = time;
    this.#logger = instance;
    this.#observed = origin.clock.now(anchor);
    this.#spanContext = span?.spanContext();
  }

  read(): LogRecordData {
    const { trace_id, span_id, trace_flags, ...fields } = JSON.parse(this.#line) as Record<string, unknown>;
    const label = this.#logger.levels?.labels?.[this.#level] ?? '';
    const eventName = fields['event.name'];
    delete fields['event.name'];
    if (fields['service.name'] === this.resource.attributes['service.name']) delete fields['service.name'];
    if (fields.level === label || fields.level === this.#level) delete fields.level;
    if (this.#message !== undefined) delete fields[keyOf(this.#logger, 'pino.messageKey', 'msg')];
    const time = this.#ownTime(fields);
    const errorKey = keyOf(this.#logger, 'pino.errorKey', 'err');
    return {
      time: time ?? this.#observed,
      observedTime: this.#observed,
      severityNumber: severityOfLevel(this.#level),
      severityText: label,
      body: this.#message,
      attributes: exceptionFields(fields, errorKey),
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

/** Symbols by their description, of the copies of pino seen so far: each copy has its own. */
const symbols = new Map<string, symbol[]>();

/** A setting that pino keeps on its loggers under a symbol. */
function keyOf(logger: PinoLogger, description: string, otherwise: string): string {
  const known = symbols.get(description) ?? [];
  const symbol = known.find((each) => each in logger) ?? findSymbol(logger, description);
  if (symbol === undefined) return otherwise;
  if (!known.includes(symbol)) symbols.set(description, [...known, symbol]);
  const key = logger[symbol];
  return typeof key === 'string' ? key : otherwise;
}

function findSymbol(logger: object, description: string): symbol | undefined {
  for (let each: object | null = logger; each !== null; each = Object.getPrototypeOf(each)) {
    const own = Object.getOwnPropertySymbols(each).find((symbol) => symbol.description === description);
    if (own !== undefined) return own;
  }
  return undefined;
}
