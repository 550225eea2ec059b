import type { TraceModel } from '../../../traces/model/trace-model.ts';
import { useTraceFields } from '../trace/use-trace-fields.ts';

/** Says that the services ignored the fault, and how to enable faults. */
export function FaultNotice({ model, fault }: { model: TraceModel; fault: string }) {
  const { value: fields } = useTraceFields(model.traceId, model.count);
  const has = (field: string) => fields?.some(({ name }) => name === field);
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
