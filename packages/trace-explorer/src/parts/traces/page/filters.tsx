import type { Place } from '../../../core/places/place.ts';
import type { Status } from '../../../core/status.ts';
import { isFiltered } from '../../../page/api/trace-list.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { go, setParams } from '../../../page/browser/router.ts';
import { Checkbox } from '../../../page/components/inputs/checkbox.tsx';
import { Choose } from '../../../page/components/inputs/choose.tsx';
import { FilterForm } from '../../../page/components/inputs/filter-form.tsx';
import { Typed } from '../../../page/components/inputs/typed.tsx';

/** The filters of the list. The URL has them. */
export function TraceFilters({ place }: { place: Place }) {
  const { params } = place;
  const { value: status } = useJson<Status>('/api/status');
  const set = (name: string) => (value: string | undefined) =>
    setParams({ [name]: value || undefined, pages: undefined }, { replace: true });
  return (
    <FilterForm
      isSet={isFiltered(place)}
      onClear={() => go({ view: 'traces', params: params.live === 'true' ? { live: 'true' } : {} })}
    >
      <Typed label="Span name" value={params.name} onValue={set('name')} />
      <Choose
        label="Service"
        none="any"
        value={params.service}
        choices={status?.services.map(({ name }) => name).sort() ?? []}
        onChoose={set('service')}
      />
      <Typed
        label="Took at least, ms"
        value={params.min_duration_ms}
        pattern="\d+(\.\d+)?"
        onValue={set('min_duration_ms')}
      />
      <Typed label="Field = value" value={params.field} onValue={set('field')} />
      <Checkbox
        class="choice always"
        label="Errors only"
        checked={params.errors === 'true'}
        onChange={(on) => set('errors')(on ? 'true' : undefined)}
      />
    </FilterForm>
  );
}
