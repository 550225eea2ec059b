import type { TraceField } from '../../../../core/traces/tree/field-values.ts';
import { useJson } from '../../../../page/api/use-load.ts';

/** Reads the fields of a trace's spans. */
export function useTraceFields(traceId: string) {
  return useJson<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`);
}
