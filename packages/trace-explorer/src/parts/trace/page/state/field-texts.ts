import { useMemo } from 'preact/hooks';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import type { FieldValues } from '../../../../core/traces/tree/field-values.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';

/** The text of a field in the span at an index; undefined when the span lacks the field. */
export type TextOf = (index: number) => string | undefined;

/** Texts of some fields in each span of a trace, by name. A field is missing while its values are being read. */
export function useFieldTexts(model: TraceModel, names: readonly string[]): ReadonlyMap<string, TextOf> {
  const id = model.traceId;
  const { value } = useLoad(
    (signal) => Promise.all(names.map((name) => readValues(id, name, signal))),
    [id, names.join()],
  );
  return useMemo(
    () =>
      new Map(
        value?.map(({ name, values, value: placed }) => [
          name,
          (index: number) => {
            const at = placed[model.source(index)] ?? -1;
            return at < 0 ? undefined : String(values[at]);
          },
        ]),
      ),
    [model, value],
  );
}

async function readValues(traceId: string, name: string, signal: AbortSignal) {
  const path = `/api/traces/${traceId}/values?field=${encodeURIComponent(name)}`;
  return { name, ...(await getJson<FieldValues>(path, signal)) };
}
