import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { TraceField } from '../../../traces/read/field-values.ts';
import { getJson } from '../../api.ts';
import { useLoad } from '../../use-load.ts';

/** Says that the services ignored the fault, and how to change that. */
export function FaultNotice({ model, fault }: { model: TraceModel; fault: string }) {
  const { value } = useLoad(
    (signal) => getJson<{ fields: readonly TraceField[] }>(`/api/traces/${model.traceId}/fields`, signal),
    [model.traceId, model.count],
  );
  const has = (field: string) => value?.fields.some(({ name }) => name === field);
  // Only the services set this field. The browser's span names the fault in another field.
  if (!has('http.route') || has('tandem.fault')) return null;
  return (
    <p class="try-problem" role="alert">
      <span aria-hidden="true">⚠</span> No span says <code>tandem.fault</code>: the services ignored{' '}
      <code>{fault}</code>, as they do unless FAULT_INJECTION is true. Start them with{' '}
      <code>node tandem dev</code>, or set FAULT_INJECTION=true.
    </p>
  );
}
