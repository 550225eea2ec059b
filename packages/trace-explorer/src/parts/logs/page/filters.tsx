import type { LogDensity } from '../../../core/logs/schemas.ts';
import type { LogsState } from '../../../core/places/logs-place.ts';
import { isNarrowed, readLogsState } from '../../../core/places/logs-place.ts';
import type { Status } from '../../../core/status.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { Checkbox } from '../../../page/components/inputs/checkbox.tsx';
import { Choose } from '../../../page/components/inputs/choose.tsx';
import { FilterForm } from '../../../page/components/inputs/filter-form.tsx';
import { SearchField } from '../../../page/components/inputs/search-field.tsx';
import { Typed } from '../../../page/components/inputs/typed.tsx';
import { Popover } from '../../../page/components/overlays/popover.tsx';
import { LevelSelect } from '../../../page/log-lines/level-select.tsx';

export interface LogFiltersProps {
  readonly state: LogsState;
  /** A change makes it look anew which levels there are. */
  readonly turn: number;
  readonly onChange: (changes: Partial<LogsState>) => void;
}

export const UNFILTERED = readLogsState({ params: {} });
const NO_TIME = { last: undefined, start: undefined, end: undefined };

/** The filters of the lines, in one bar. */
export function LogFilters({ state, turn, onChange }: LogFiltersProps) {
  const status = useJson<Status>('/api/status');
  // Of all lines: what the others filter away can be asked for, what the store never had cannot.
  const { value: stored, error } = useJson<LogDensity>('/api/logs/density', [turn]);
  const senders = status.value?.services.filter(({ logs }) => logs > 0) ?? [];
  return (
    <FilterForm isSet={isNarrowed(state)} onClear={() => onChange({ ...UNFILTERED, tail: state.tail })}>
      <SearchField label="Text" keys="/" value={state.text} onValue={(text) => onChange({ text })} />
      <Choose
        label="Service"
        none="any"
        value={state.service}
        choices={senders.map(({ name }) => name).sort()}
        onChoose={(service) => onChange({ service })}
      />
      <LevelSelect
        value={state.level}
        has={(level) => error !== undefined || stored?.levels[level] !== undefined}
        onChoose={(level) => onChange({ level })}
      />
      {state.fields.map((pair) => (
        <button
          key={pair}
          type="button"
          class="chip mono"
          aria-label={`Remove ${pair}`}
          title={pair}
          onClick={() => onChange({ fields: state.fields.filter((each) => each !== pair) })}
        >
          <span class="ellipsis">{pair}</span> <Icon name="x" />
        </button>
      ))}
      <Popover icon="plus" label="Field" title="A field and its value">
        {(close) => (
          <Typed
            label="Field = value"
            value=""
            onValue={(pair) => {
              if (pair === '') return;
              close();
              onChange({ fields: [...state.fields, pair] });
            }}
          />
        )}
      </Popover>
      <span class="grow" />
      <Checkbox
        isSwitch
        label="Tail"
        checked={state.tail}
        onChange={(tail) => onChange({ tail, ...NO_TIME })}
      />
    </FilterForm>
  );
}
