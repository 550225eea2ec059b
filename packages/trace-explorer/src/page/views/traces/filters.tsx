import { useState } from 'preact/hooks';
import { getJson } from '../../api.ts';
import type { Place } from '../../shell/place.ts';
import { go, setParams } from '../../shell/router.ts';
import { useChange } from '../../use-change.ts';
import { useLoad } from '../../use-load.ts';
import { isFiltered } from './trace-list.ts';

const TIMES = [
  ['', 'any time'],
  ['600', 'last 10 minutes'],
  ['3600', 'last hour'],
  ['86400', 'last day'],
] as const;

/** What the list is narrowed by, and its order; all of it in the URL. */
export function TraceFilters({ place }: { place: Place }) {
  const { params } = place;
  const status = useLoad(
    (signal) => getJson<{ services: readonly { name: string }[] }>('/api/status', signal),
    [],
  );
  const services = new Set(status.value?.services.map(({ name }) => name));
  if (params.service) services.add(params.service);
  const set = (name: string, value: string) => setParams({ [name]: value || undefined }, { replace: true });
  return (
    <form class="trace-filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        Order{' '}
        <select
          value={params.order ?? 'newest'}
          onChange={({ currentTarget: { value } }) => set('order', value === 'newest' ? '' : value)}
        >
          <option value="newest">newest first</option>
          <option value="slowest">slowest first</option>
        </select>
      </label>
      <label>
        Service{' '}
        <select
          value={params.service ?? ''}
          onChange={({ currentTarget: { value } }) => set('service', value)}
        >
          <option value="">any</option>
          {[...services].sort().map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Time{' '}
        <select value={params.last ?? ''} onChange={({ currentTarget: { value } }) => set('last', value)}>
          {TIMES.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
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
        label="Id begins with"
        value={params.trace_id}
        pattern="[0-9a-fA-F]{1,32}"
        onValue={(value) => set('trace_id', value)}
      />
      <label class="check">
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
    </form>
  );
}

interface TypedProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly pattern?: string;
  readonly onValue: (value: string) => void;
}

/** A text field that takes its value with Enter or when it loses the focus, if the value fits the pattern. */
function Typed({ label, value = '', pattern, onValue }: TypedProps) {
  const [typed, setTyped] = useState(value);
  useChange(value, () => setTyped(value));
  return (
    <label>
      {label}{' '}
      <input
        value={typed}
        pattern={pattern}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={({ currentTarget }) =>
          currentTarget.reportValidity() && onValue(currentTarget.value.trim())
        }
      />
    </label>
  );
}
