import type { TraceField } from '../../../../traces/tree/field-values.ts';
import { getJson } from '../../../requests/api.ts';
import type { Load } from '../../../requests/use-load.ts';
import { useLoad } from '../../../requests/use-load.ts';

/** The fields of a trace's spans. */
export function useTraceFields(traceId: string): Load<readonly TraceField[]> {
  return useLoad(
    async (signal) =>
      (await getJson<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`, signal)).fields,
    [traceId],
  );
}
