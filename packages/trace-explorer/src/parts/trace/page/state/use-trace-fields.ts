import type { TraceField } from '../../../../core/traces/tree/field-values.ts';
import { getJson } from '../../../../page/api/api.ts';
import type { Load } from '../../../../page/api/use-load.ts';
import { useLoad } from '../../../../page/api/use-load.ts';

/** The fields of a trace's spans. */
export function useTraceFields(traceId: string): Load<readonly TraceField[]> {
  return useLoad(
    async (signal) =>
      (await getJson<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`, signal)).fields,
    [traceId],
  );
}
