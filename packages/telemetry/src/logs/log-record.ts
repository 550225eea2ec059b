import type { HrTime, SpanContext } from '@opentelemetry/api';
import type { InstrumentationScope, Resource } from '../opentelemetry/sdk.ts';
import { processWide } from '../process-wide.ts';
import type { TraceClock } from '../sdk/clock.ts';

/** What a log record says (OpenTelemetry specification, Logs Data Model), as a program has it. */
export interface LogRecordData {
  /** When it happened. */
  readonly time: HrTime;
  /** When it reached telemetry. */
  readonly observedTime: HrTime;
  /** 1 to 24, TRACE to FATAL4; 0 when it has none. */
  readonly severityNumber: number;
  /** The level's own name; empty when it has none. */
  readonly severityText: string;
  /** The span in which it was written; a valid trace id with a span id that may be empty. */
  readonly spanContext: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'> | undefined;
  /** Names the kind of event; empty for a plain line. */
  readonly eventName: string;
  /** Text, number, list, map …; undefined for none. */
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a logger is named by. */
export interface LogScope extends InstrumentationScope {
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** A log record on its way out. It is read when it is encoded, after the request that wrote it. */
export interface LogEntry {
  readonly resource: Resource;
  readonly instrumentationScope: LogScope;
  /** @throws whatever an object in it throws when it is looked at */
  read(): LogRecordData;
}

/** Where log records go, and what they are made with. */
export interface LogSink {
  readonly resource: Resource;
  readonly clock: TraceClock;
  add(entry: LogEntry): void;
}

/** Set while telemetry exports log records. */
export const logSink = processWide<LogSink | undefined>('log sink 1', undefined);
