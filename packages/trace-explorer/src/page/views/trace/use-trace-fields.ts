import type { TraceField } from '../../../traces/read/field-values.ts';
import { getJson } from '../../api.ts';
import type { Load } from '../../use-load.ts';
import { useLoad } from '../../use-load.ts';

/** The fields that spans of a trace have; read again when it has another number of spans. */
export function useTraceFields(traceId: string, spans?: number): Load<readonly TraceField[]> {
  return useLoad(
    async (signal) =>
      (await getJson<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`, signal)).fields,
    [traceId, spans],
  );
}
