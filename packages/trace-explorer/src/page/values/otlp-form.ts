import type { KeyValue } from './any-value.ts';

export interface OtlpEvent {
  readonly timeUnixNano?: string;
  readonly name?: string;
  readonly attributes?: readonly KeyValue[];
}

export interface OtlpLink {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly KeyValue[];
}

/** A span as OTLP JSON, with its resource and scope. */
export interface OtlpForm {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly attributes?: readonly KeyValue[] };
      readonly spans?: readonly {
        readonly attributes?: readonly KeyValue[];
        readonly events?: readonly OtlpEvent[];
        readonly links?: readonly OtlpLink[];
      }[];
    }[];
  }[];
}
