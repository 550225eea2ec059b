import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AttributeValue, HrTime, SpanContext } from '@opentelemetry/api';
import { isValidSpanId, isValidTraceId } from '@opentelemetry/api';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { MemberJudge, MemberText, MemberUse } from '@tandem/otlp/protobuf';
import { LogRecordFields } from '@tandem/otlp/protobuf';
import { spanOfLine } from '../log-mixin.ts';
import type { Resource } from '../opentelemetry/sdk.ts';
import { millisToHrTime } from '../opentelemetry/sdk.ts';
import type { TraceClock } from '../sdk/clock.ts';
import { RecordedSpan } from '../sdk/span.ts';
import { exceptionFields } from './exception-fields.ts';
import type { LogEntry, LogRecordData, WrittenRecord } from './log-record.ts';
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

const REPEATED = Object.keys(IN_RESOURCE) as (keyof typeof IN_RESOURCE)[];

/** A line of pino with what was true when it was written. */
class PinoLine implements LogEntry, WrittenRecord {
  readonly resource: Resource;
  readonly instrumentationScope = SCOPE;
  /** The line. */
  readonly json: string;
  readonly observedTime: HrTime;
  readonly spanContext: SpanContext | undefined;
  readonly #message: string | undefined;
  readonly #level: number;
  readonly #timeField: string;
  readonly #logger: PinoLogger;
  #hasTime = false;

  constructor({ instance, arguments: given }: AsJsonCall, line: string, origin: LineOrigin) {
    const span = spanOfLine(given[0]);
    const anchor = span instanceof RecordedSpan ? span.anchor : origin.clock.anchor();
    this.resource = origin.resource;
    this.json = line;
    this.#message = given[1]; // one by one: taken apart as a list, they cost twice as much
    this.#level = given[2];
    this.#timeField = given[3];
    this.#logger = instance;
    this.observedTime = origin.clock.now(anchor);
    this.spanContext = span?.spanContext();
  }

  /** The clock's, unless the line says otherwise; see {@link useOf}. */
  get time(): HrTime {
    return this.observedTime;
  }

  get severityNumber(): number {
    return severityOfLevel(this.#level);
  }

  get severityText(): string {
    return this.#logger.levels?.labels?.[this.#level] ?? '';
  }

  get eventName(): string {
    return '';
  }

  written(): WrittenRecord {
    return this;
  }

  /** The usual line; {@link read} knows all. */
  useOf(name: string, value: MemberText): MemberUse {
    switch (name) {
      case 'trace_id':
      case 'span_id':
      case 'trace_flags':
        return this.spanContext === undefined ? 'stop' : 'skip';
      case 'event.name':
        return 'stop';
      case 'level':
        return value.is(String(this.#level)) || value.isString(this.severityText) ? 'skip' : 'write';
      case 'service.name':
      case 'pid':
      case 'hostname': {
        const known = String(this.#inResource(name));
        return value.is(known) || value.isString(known) ? 'skip' : 'write';
      }
    }
    if (!this.#hasTime && isNameOf(name, this.#timeField)) {
      this.#hasTime = true;
      return value.is(this.#timeField.slice(name.length + 4)) ? 'skip' : 'stop';
    }
    // As the line has it: it may be redacted there.
    if (this.#message !== undefined && name === messageKey.of(this.#logger)) return LogRecordFields.body;
    return value.isComposite && name === errorKey.of(this.#logger) ? 'stop' : 'write';
  }

  /** Level and time may be others in each line; what comes behind them is the same within a request. */
  beginning(end: number): string | undefined {
    const start = this.#behindTime();
    return start === 0 || end < start ? undefined : this.json.slice(start, end);
  }

  behind(beginning: string, other: MemberJudge): number {
    if (
      !(other instanceof PinoLine) ||
      other.#logger !== this.#logger ||
      other.resource !== this.resource ||
      (other.spanContext === undefined) !== (this.spanContext === undefined)
    )
      return 0;
    const start = this.#behindTime();
    const end = start + beginning.length;
    if (start === 0 || this.json.slice(start, end) !== beginning) return 0;
    this.#hasTime = true;
    return end;
  }

  /** Where the time ends, when the line begins with its level and its time; otherwise 0. */
  #behindTime(): number {
    const start = this.#behindLevel(this.#level) || this.#behindLevel(`"${this.severityText}"`);
    return start === 0 || this.#timeField === '' ? 0 : start + this.#timeField.length;
  }

  #behindLevel(level: number | string): number {
    const start = `{"level":${level},`;
    // Cut out and compared: `startsWith` takes seven times as long for a text that pino has put together.
    return this.json.slice(0, start.length) === start ? start.length - 1 : 0;
  }

  #inResource(name: keyof typeof IN_RESOURCE): AttributeValue | undefined {
    return this.resource.attributes[IN_RESOURCE[name]];
  }

  read(): LogRecordData {
    const { trace_id, span_id, trace_flags, ...fields } = JSON.parse(this.json) as Record<string, unknown>;
    const label = this.severityText;
    const eventName = fields['event.name'];
    delete fields['event.name'];
    for (const name of REPEATED) if (fields[name] === this.#inResource(name)) delete fields[name];
    if (fields.level === label || fields.level === this.#level) delete fields.level;
    const messageName = messageKey.of(this.#logger);
    const body = this.#message === undefined ? undefined : fields[messageName];
    if (this.#message !== undefined) delete fields[messageName];
    const time = this.#ownTime(fields);
    return {
      time: time ?? this.observedTime,
      observedTime: this.observedTime,
      severityNumber: this.severityNumber,
      severityText: label,
      body,
      attributes: exceptionFields(fields, errorKey.of(this.#logger)),
      spanContext: this.spanContext ?? spanNamed(trace_id, span_id, trace_flags),
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

/** Whether the text of a member, `,"time":1700000000000`, is of that name. */
function isNameOf(name: string, member: string): boolean {
  return member.startsWith('":', name.length + 2) && member.startsWith(name, 2);
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

/** A setting that pino keeps on its loggers under a symbol. */
class PinoSetting {
  readonly #description: string;
  readonly #otherwise: string;
  /** Of the copies of pino seen so far: each has its own. */
  readonly #symbols: symbol[] = [];
  #logger: PinoLogger | undefined;
  #value = '';

  constructor(description: string, otherwise: string) {
    this.#description = description;
    this.#otherwise = otherwise;
  }

  of(logger: PinoLogger): string {
    if (logger !== this.#logger) {
      this.#value = this.#find(logger);
      this.#logger = logger;
    }
    return this.#value;
  }

  #find(logger: PinoLogger): string {
    for (const symbol of this.#symbols) {
      const value = logger[symbol];
      if (typeof value === 'string') return value;
    }
    const symbol = findSymbol(logger, this.#description);
    const value = symbol && logger[symbol];
    if (symbol === undefined || typeof value !== 'string') return this.#otherwise;
    this.#symbols.push(symbol);
    return value;
  }
}

const messageKey = new PinoSetting('pino.messageKey', 'msg');
const errorKey = new PinoSetting('pino.errorKey', 'err');

function findSymbol(logger: object, description: string): symbol | undefined {
  for (let each: object | null = logger; each !== null; each = Object.getPrototypeOf(each)) {
    const own = Object.getOwnPropertySymbols(each).find((symbol) => symbol.description === description);
    if (own !== undefined) return own;
  }
  return undefined;
}
