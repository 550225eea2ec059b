import { useState } from 'preact/hooks';
import type { Place } from '../../../places/place.ts';
import { readTraceReference } from '../../../shared/trace-reference.ts';
import { getJson } from '../../api.ts';
import { FilterForm } from '../../components/filter-form.tsx';
import { LastOptions } from '../../components/last-options.tsx';
import { ServiceSelect } from '../../components/service-select.tsx';
import { go, setParams } from '../../shell/router.ts';
import { useChange } from '../../use-change.ts';
import { useLoad } from '../../use-load.ts';
import { isFiltered, lastSeconds } from './trace-list.ts';

/** Seconds. */
const TIMES = [600, 3600, 86_400];

/** What the list is narrowed by, and its order; all of it in the URL. */
export function TraceFilters({ place }: { place: Place }) {
  const { params } = place;
  const last = lastSeconds(params);
  const status = useLoad(
    (signal) => getJson<{ services: readonly { name: string }[] }>('/api/status', signal),
    [],
  );
  const services = new Set(status.value?.services.map(({ name }) => name));
  if (params.service) services.add(params.service);
  const set = (name: string, value: string) => setParams({ [name]: value || undefined }, { replace: true });
  return (
    <FilterForm isSet={isFiltered(place)}>
      <label class="always">
        Order{' '}
        <select
          value={params.order ?? 'newest'}
          onChange={({ currentTarget: { value } }) => set('order', value === 'newest' ? '' : value)}
        >
          <option value="newest">newest first</option>
          <option value="slowest">slowest first</option>
        </select>
      </label>
      <ServiceSelect
        services={services}
        value={params.service}
        onChange={(service) => set('service', service ?? '')}
      />
      <label>
        Time{' '}
        <select value={last ?? ''} onChange={({ currentTarget: { value } }) => set('last', value)}>
          <option value="">any time</option>
          <LastOptions times={TIMES} last={last} />
        </select>
      </label>
      <Typed label="Span name" value={params.name} onValue={(value) => set('name', value)} />
      <Typed
        label="Took at least, ms"
        value={params.min_duration_ms}
        pattern="\d+(\.\d+)?"
        onValue={(value) => set('min_duration_ms', value)}
      />
      <Typed label="Field = value" value={params.field} onValue={(value) => set('field', value)} />
      <Typed
        label="Id, its beginning, or a header"
        value={params.trace_id}
        onValue={(value) => set('trace_id', value)}
        read={readTraceId}
        expected="Up to 32 digits of a trace id (0-9, a-f), or a traceparent, traceresponse or Server-Timing header, or a link to a trace."
      />
      <label class="check always">
        <input
          type="checkbox"
          checked={params.errors === 'true'}
          onChange={({ currentTarget }) => set('errors', currentTarget.checked ? 'true' : '')}
        />{' '}
        Errors only
      </label>
      {isFiltered(place) && (
        <button type="button" onClick={() => go({ view: 'traces', params: {} })}>
          ✕ All filters
        </button>
      )}
    </FilterForm>
  );
}

interface TypedProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly pattern?: string;
  /** What the text stands for; undefined when it makes no sense. */
  readonly read?: (text: string) => string | undefined;
  /** What a person is told when it makes no sense. */
  readonly expected?: string;
  readonly onValue: (value: string) => void;
  /** Whether the field is empty again after it was taken. */
  readonly clears?: boolean;
}

/** An id or its beginning, or the id in whatever was copied. */
function readTraceId(text: string): string | undefined {
  const plain = text.toLowerCase();
  return /^[0-9a-f]{0,32}$/u.test(plain) ? plain : readTraceReference(text)?.traceId;
}

/** A text field that takes its value with Enter or when it loses the focus, if the value makes sense. */
export function Typed({
  label,
  value = '',
  pattern,
  read = (text) => text,
  expected = '',
  onValue,
  clears = false,
}: TypedProps) {
  const [typed, setTyped] = useState(value);
  useChange(value, () => setTyped(value));
  return (
    <label>
      {label}{' '}
      <input
        value={typed}
        pattern={pattern}
        onInput={({ currentTarget }) => {
          currentTarget.setCustomValidity('');
          setTyped(currentTarget.value);
        }}
        onChange={({ currentTarget }) => {
          const meant = read(currentTarget.value.trim());
          currentTarget.setCustomValidity(meant === undefined ? expected : '');
          if (!currentTarget.reportValidity() || meant === undefined) return;
          setTyped(clears ? '' : meant);
          onValue(meant);
        }}
      />
    </label>
  );
}
