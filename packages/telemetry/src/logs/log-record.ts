import type { HrTime, SpanContext } from '@opentelemetry/api';
import type { InstrumentationScope, Resource } from '../opentelemetry/sdk.ts';
import { processWide } from '../process-wide.ts';
import type { TraceClock } from '../sdk/clock.ts';

/** A log record (OpenTelemetry specification, Logs Data Model) as a program has it. */
export interface LogRecordData {
  /** When the event happened. */
  readonly time: HrTime;
  /** When the record reached telemetry. */
  readonly observedTime: HrTime;
  /** 1 to 24, TRACE to FATAL4; 0 for none. */
  readonly severityNumber: number;
  /** The level's own name; empty for none. */
  readonly severityText: string;
  /** The span in which it was written; undefined outside of a span. */
  readonly spanContext: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'> | undefined;
  /** Names the kind of event; empty for a plain line. */
  readonly eventName: string;
  /** Text, number, list, map …; undefined for none. */
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Identifies a logger. */
export interface LogScope extends InstrumentationScope {
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** A log record on its way out. It is read when it is encoded, after the request that wrote it. */
export interface LogEntry {
  readonly resource: Resource;
  readonly instrumentationScope: LogScope;
  /** @throws any error of a getter in the record */
  read(): LogRecordData;
}

/** Takes log records, and has the parts that they are made with. */
export interface LogSink {
  readonly resource: Resource;
  readonly clock: TraceClock;
  add(entry: LogEntry): void;
}

/** Set while telemetry exports log records. */
export const logSink = processWide<LogSink | undefined>('log sink 1', undefined);
