import type { BubbleUpResult } from '../../../../bubbleup/bubbleup.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { getJson, send } from '../../../api.ts';
import type { Load } from '../../../use-load.ts';
import { useLoad } from '../../../use-load.ts';
import { filtersOfLike, timeAround } from './narrow-place.ts';
import type { HoneycombForm } from './span-forms.ts';
import { pathOf, spanPath } from './span-forms.ts';

/** The other value of a field in words, by the field's name. */
export type Unusual = ReadonlyMap<string, string>;

/** Fields that differ between any two spans, and fields that every error has. */
const OF_ONE_SPAN = /^(?:trace\.|duration_ms$|name$|meta\.|span\.num_|error$|status_code$|status_message$)/;
/** From how many spans of its kind on one is unusual, and which share of them the usual value has at least. */
const LEAST_LIKE = 5;
const USUAL_SHARE = 0.6;

/**
 * Fields in which a span differs: from its counterpart when traces are compared, else from most of its like. They are read
 * when they are asked for.
 */
export function useUnusual(model: TraceModel, place: number, asked: boolean): Load<Unusual | undefined> {
  const comparison = model.comparison?.(place);
  return useLoad(
    async (signal): Promise<Unusual | undefined> => {
      if (!asked) return undefined;
      if (comparison === undefined) return unusualAmongLike(model, place, signal);
      if (comparison.other === undefined) return new Map();
      const [here, there] = await Promise.all([
        getJson<HoneycombForm>(spanPath(model, place, 'honeycomb'), signal),
        getJson<HoneycombForm>(pathOf(comparison.other, 'honeycomb'), signal),
      ]);
      return differencesOf(here.event?.data ?? {}, there.event?.data ?? {});
    },
    [model, place, asked],
  );
}

function differencesOf(
  here: Readonly<Record<string, unknown>>,
  there: Readonly<Record<string, unknown>>,
): Unusual {
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
  const different = names.filter((name) => here[name] !== there[name] && !OF_ONE_SPAN.test(name));
  return new Map(different.map((name) => [name, `there ${name in there ? String(there[name]) : 'not set'}`]));
}

async function unusualAmongLike(model: TraceModel, place: number, signal: AbortSignal): Promise<Unusual> {
  const { fields, baseline } = await send<BubbleUpResult>(
    'POST',
    '/api/bubbleup',
    {
      dataset: '__all__',
      query: { filters: filtersOfLike(model, place), ...timeAround(model) },
      selection: { filters: [{ column: 'trace.span_id', op: '=', value: model.spanId(place) }] },
    },
    signal,
  );
  const found = new Map<string, string>();
  if (baseline.events < LEAST_LIKE) return found;
  for (const { name, buckets } of fields) {
    const usual = buckets.reduce((most, bucket) => (bucket.baseline > most.baseline ? bucket : most), {
      baseline: 0,
      selection: 0,
    } as BubbleUpResult['fields'][number]['buckets'][number]);
    const share = usual.baseline / baseline.events;
    if (OF_ONE_SPAN.test(name) || usual.selection > 0 || share < USUAL_SHARE || !('value' in usual)) continue;
    const value = usual.value === null || usual.value === undefined ? 'not set' : String(usual.value);
    found.set(name, `${value} in ${Math.round(share * 100)} % of ${baseline.events} like it`);
  }
  return found;
}
