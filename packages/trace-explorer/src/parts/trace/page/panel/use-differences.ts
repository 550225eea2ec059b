import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import type { Load } from '../../../../page/api/use-load.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import type { HoneycombForm } from './span-forms.ts';
import { spanFormPath } from './span-forms.ts';

/** The value that a field has in the other trace, in words, by the field's name. */
export type FieldDifferences = ReadonlyMap<string, string>;

/** Fields that differ between any two spans, and fields that every error has. */
const OF_ONE_SPAN = /^(?:trace\.|duration_ms$|name$|meta\.|span\.num_|error$|status_code$|status_message$)/;

/** Fields in which a span differs from its counterpart in the other trace; none without a comparison. */
export function useDifferences(
  model: TraceModel,
  index: number,
  here: HoneycombForm['event'],
): Load<FieldDifferences> {
  const comparison = model.comparison?.(index);
  return useLoad(
    async (signal): Promise<FieldDifferences> => {
      if (here === undefined || comparison?.other === undefined) return new Map();
      const there = await getJson<HoneycombForm>(spanFormPath(comparison.other, 'honeycomb'), signal);
      return differencesOf(here.data, there.event?.data ?? {});
    },
    [model, index, here],
  );
}

function differencesOf(
  here: Readonly<Record<string, unknown>>,
  there: Readonly<Record<string, unknown>>,
): FieldDifferences {
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
  const different = names.filter((name) => here[name] !== there[name] && !OF_ONE_SPAN.test(name));
  return new Map(
    different.map((name) => [name, `there ${Object.hasOwn(there, name) ? String(there[name]) : 'not set'}`]),
  );
}
