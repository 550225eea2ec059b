import type { honeycombForm } from '../../../../core/traces/forms/honeycomb-form.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import type { OtlpForm } from '../../../../page/values/otlp-form.ts';

export type HoneycombForm = ReturnType<typeof honeycombForm>;

/** The forms of a span that a person may read, one at a time: each with its name in the API, its title, and what it is. */
export const SPAN_FORMS = [
  ['otlp', 'OTLP', 'Unchanged, in OTLP’s JSON encoding.'],
  ['honeycomb', 'Honeycomb', 'As Honeycomb stores it: a row for the span, and one for each event and link.'],
] as const;

/** Path of a span's form in the explorer's API. */
export function spanPath(model: TraceModel, index: number, form: string): string {
  const span = { traceId: model.traceOf(index), spanId: model.spanId(index), copy: model.copy(index) ?? 0 };
  return spanFormPath(span, form);
}

/** Path of a span's form in the explorer's API, for a span of another trace. */
export function spanFormPath(
  { traceId, spanId, copy }: { traceId: string; spanId: string; copy: number },
  form: string,
): string {
  return `/api/traces/${traceId}/spans/${spanId}?form=${form}&copy=${copy}`;
}

/** Events and links of a span, exactly as sent. */
export function useAnnotations(model: TraceModel, index: number) {
  const { value, ...load } = useJson<OtlpForm>(spanPath(model, index, 'otlp'));
  const { events = [], links = [] } = value?.resourceSpans?.[0]?.scopeSpans?.[0]?.spans?.[0] ?? {};
  return { ...load, value: value && { events, links } };
}
