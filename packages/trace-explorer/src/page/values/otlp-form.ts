import type { AnyValue, KeyValue } from './any-value.ts';

/** What has attributes: a resource, a scope, a span, an event, a link or a log record. */
export interface Attributed {
  readonly attributes?: readonly KeyValue[];
}

export interface OtlpEvent extends Attributed {
  readonly timeUnixNano?: string;
  readonly name?: string;
}

export interface OtlpLink extends Attributed {
  readonly traceId?: string;
  readonly spanId?: string;
}

export interface OtlpSpan extends Attributed {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly status?: { readonly code?: number | string; readonly message?: string };
  readonly events?: readonly OtlpEvent[];
  readonly links?: readonly OtlpLink[];
}

/** A span as OTLP JSON, with its resource and scope. */
export interface OtlpForm {
  readonly resourceSpans?: readonly {
    readonly resource?: Attributed;
    readonly scopeSpans?: readonly {
      readonly scope?: Attributed;
      readonly spans?: readonly OtlpSpan[];
    }[];
  }[];
}

/** Log records, in OTLP's JSON encoding. */
export interface OtlpLogForm {
  readonly resourceLogs?: readonly {
    readonly resource?: Attributed;
    readonly scopeLogs?: readonly {
      readonly scope?: Attributed & { readonly name?: string };
      readonly logRecords?: readonly OtlpLogRecord[];
    }[];
  }[];
}

export interface OtlpLogRecord extends Attributed {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly eventName?: string;
  readonly body?: AnyValue;
  readonly traceId?: string;
  readonly spanId?: string;
}
