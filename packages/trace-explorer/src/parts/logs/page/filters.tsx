import type { LogsState } from '../../../core/places/logs-place.ts';
import { isNarrowed, readLogsState } from '../../../core/places/logs-place.ts';
import type { Status } from '../../../core/status.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { Choose } from '../../../page/components/inputs/choose.tsx';
import { FilterForm } from '../../../page/components/inputs/filter-form.tsx';
import { Toggle } from '../../../page/components/inputs/toggle.tsx';
import { Typed } from '../../../page/components/inputs/typed.tsx';
import { LevelSelect } from '../../../page/log-lines/level-select.tsx';

export interface LogFiltersProps {
  readonly state: LogsState;
  readonly onChange: (changes: Partial<LogsState>) => void;
  readonly onRefresh: () => void;
}

const UNFILTERED = readLogsState({ params: {} });

/** The filters of the lines. */
export function LogFilters({ state, onChange, onRefresh }: LogFiltersProps) {
  const status = useJson<Status>('/api/status');
  const senders = status.value?.services.filter(({ logs }) => logs > 0) ?? [];
  return (
    <FilterForm isSet={isNarrowed(state)} onClear={() => onChange({ ...UNFILTERED, tail: state.tail })}>
      <Choose
        label="Service"
        none="any"
        value={state.service}
        choices={senders.map(({ name }) => name).sort()}
        onChoose={(service) => onChange({ service })}
      />
      <LevelSelect value={state.level} onChoose={(level) => onChange({ level })} />
      <Typed label="Text" value={state.text} onValue={(text) => onChange({ text })} />
      <Typed
        label="Field = value"
        value=""
        clears
        onValue={(pair) => pair !== '' && onChange({ fields: [...state.fields, pair] })}
      />
      <Toggle label="Tail" on={state.tail} onToggle={(tail) => onChange({ tail })} />
      {!state.tail && (
        <button type="button" onClick={onRefresh}>
          Refresh
        </button>
      )}
      {state.fields.map((pair) => (
        <button
          key={pair}
          type="button"
          class="chip ellipsis"
          aria-label={`Remove ${pair}`}
          onClick={() => onChange({ fields: state.fields.filter((each) => each !== pair) })}
        >
          {pair} ✕
        </button>
      ))}
    </FilterForm>
  );
}
