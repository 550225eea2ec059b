import { useEffect, useState } from 'preact/hooks';
import type { TraceField } from '../../../traces/read/field-values.ts';
import { getJson } from '../../api.ts';

/** Milliseconds between looks, and how many: a service sends its spans within a few seconds. */
const PAUSE_MS = 500;
const LOOKS = 12;

/** Says when the services ignored the fault that they were asked for, and what to do about it. */
export function FaultNotice({ traceId, fault }: { traceId: string; fault: string }) {
  const [ignored, setIgnored] = useState(false);
  useEffect(() => {
    const gone = new AbortController();
    setIgnored(false);
    wasIgnored(traceId, gone.signal).then(setIgnored, () => {});
    return () => gone.abort();
  }, [traceId]);
  if (!ignored) return null;
  return (
    <p class="try-problem" role="alert">
      <span aria-hidden="true">⚠</span> No span says <code>tandem.fault</code>: the services ignored{' '}
      <code>{fault}</code>, as they do unless FAULT_INJECTION is true. Start them with{' '}
      <code>node tandem dev</code>, or set FAULT_INJECTION=true.
    </p>
  );
}

/** Whether the API's spans have come and none of them has the fault. */
async function wasIgnored(traceId: string, signal: AbortSignal): Promise<boolean> {
  let answered = false;
  for (let look = 0; look < LOOKS && !signal.aborted; look++) {
    const { fields } = await getJson<{ fields: readonly TraceField[] }>(
      `/api/traces/${traceId}/fields`,
      signal,
    );
    // Set by the services alone; the browser's span says what it asked for in another field.
    if (fields.some(({ name }) => name === 'tandem.fault')) return false;
    answered = fields.some(({ name }) => name === 'http.route');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return answered && !signal.aborted;
}
