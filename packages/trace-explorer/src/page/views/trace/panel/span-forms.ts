import { getJson } from '../../../api.ts';
import type { Load } from '../../../use-load.ts';
import { useLoad } from '../../../use-load.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { KeyValue } from './any-value.ts';

/** A span as Honeycomb stores it. */
export interface HoneycombForm {
  readonly dataset: string;
  readonly event?: { readonly data: Readonly<Record<string, string | number | boolean>> };
}

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

interface OtlpForm {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly {
      readonly spans?: readonly {
        readonly events?: readonly OtlpEvent[];
        readonly links?: readonly OtlpLink[];
      }[];
    }[];
  }[];
}

/** Reads a span in one of the forms that the explorer has of it. */
export function useSpanForm<T>(
  model: TraceModel,
  place: number,
  form: 'otlp' | 'honeycomb' | 'xray',
): Load<T> {
  const path = `/api/traces/${model.traceOf(place)}/spans/${model.spanId(place)}`;
  const copy = model.copy(place) ?? 0;
  return useLoad<T>((signal) => getJson<T>(`${path}?form=${form}&copy=${copy}`, signal), [path, form, copy]);
}

/** Events and links of a span, exactly as they were sent. */
export function useAnnotations(model: TraceModel, place: number) {
  const load = useSpanForm<OtlpForm>(model, place, 'otlp');
  const span = load.value?.resourceSpans?.[0]?.scopeSpans?.[0]?.spans?.[0];
  return { ...load, events: span?.events ?? [], links: span?.links ?? [] };
}
