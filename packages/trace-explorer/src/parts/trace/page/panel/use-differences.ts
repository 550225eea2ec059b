import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import type { HoneycombForm } from './span-forms.ts';
import { spanFormPath } from './span-forms.ts';

/** Fields that differ between any two spans, and fields that every error has. */
const OF_ONE_SPAN = /^(?:trace\.|duration_ms$|name$|meta\.|span\.num_|error$|status_code$|status_message$)/;

/**
 * Fields in which a span differs from its counterpart in the other trace, with the value that it has there, in words; none
 * without a comparison.
 */
export function useDifferences(model: TraceModel, index: number, here: HoneycombForm['event']) {
  const comparison = model.comparison?.(index);
  return useLoad(
    async (signal) => {
      if (here === undefined || comparison?.other === undefined) return undefined;
      const there = await getJson<HoneycombForm>(spanFormPath(comparison.other, 'honeycomb'), signal);
      return differencesOf(here.data, there.event?.data ?? {});
    },
    [model, index, here],
  );
}

function differencesOf(
  here: Readonly<Record<string, unknown>>,
  there: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> {
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
  const different = names.filter((name) => here[name] !== there[name] && !OF_ONE_SPAN.test(name));
  return new Map(
    different.map((name) => [name, `there ${Object.hasOwn(there, name) ? String(there[name]) : 'not set'}`]),
  );
}
