import type { LogsState } from '../../../places/logs-place.ts';
import { isNarrowed } from '../../../places/logs-place.ts';
import type { Status } from '../../../status.ts';
import { getJson } from '../../api.ts';
import { Choose, lastChoices } from '../../components/inputs/choose.tsx';
import { FilterForm } from '../../components/inputs/filter-form.tsx';
import { Typed } from '../../components/inputs/typed.tsx';
import { Popover } from '../../components/overlays/popover.tsx';
import { LevelSelect } from '../../logs/level-select.tsx';
import { useLoad } from '../../use-load.ts';
import { describeTimes } from '../query/times/describe-times.ts';
import { Between } from '../query/times/time-range.tsx';

/** Seconds. */
const TIMES = [600, 3600, 86_400];

export interface LogFiltersProps {
  readonly state: LogsState;
  readonly onChange: (changes: Partial<LogsState>) => void;
  readonly onRefresh: () => void;
}

/** What the lines are narrowed by. */
export function LogFilters({ state, onChange, onRefresh }: LogFiltersProps) {
  const status = useLoad((signal) => getJson<Status>('/api/status', signal), []);
  const senders = status.value?.services.filter(({ logs }) => logs > 0) ?? [];
  const { start, end, last } = state;
  const between = start !== undefined || end !== undefined;
  const range = {
    ...(start !== undefined && { start_time: start }),
    ...(end !== undefined && { end_time: end }),
  };
  return (
    <FilterForm isSet={isNarrowed(state)}>
      <fieldset class="log-modes">
        <legend class="visually-hidden">Which lines</legend>
        {[
          [false, 'Newest first'],
          [true, 'Tail'],
        ].map(([tail, label]) => (
          <label key={String(tail)} class="check">
            <input
              type="radio"
              name="mode"
              checked={state.tail === tail}
              onChange={() => onChange({ tail: tail === true, open: undefined })}
            />{' '}
            {label}
          </label>
        ))}
      </fieldset>
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
      {!state.tail && (
        <Choose
          label="Time"
          none="any time"
          value={between ? 'between' : last?.toString()}
          choices={[
            ...lastChoices(TIMES, last),
            ...(between ? [['between', describeTimes(range)] as const] : []),
          ]}
          onChoose={(value) =>
            onChange({ last: Number(value) || undefined, start: undefined, end: undefined })
          }
        />
      )}
      {!state.tail && (
        <Popover label="From, to …" title="Time of the lines">
          {(close) => (
            <Between
              query={{ ...range, time_range: last ?? 3600 }}
              utc={false}
              onChange={({ start_time, end_time }) => {
                close();
                onChange({ last: undefined, start: start_time, end: end_time });
              }}
            />
          )}
        </Popover>
      )}
      {!state.tail && (
        <button type="button" onClick={onRefresh}>
          Refresh
        </button>
      )}
      {state.fields.map((pair) => (
        <button
          key={pair}
          type="button"
          class="chip"
          aria-label={`Remove ${pair}`}
          onClick={() => onChange({ fields: state.fields.filter((each) => each !== pair) })}
        >
          {pair} ✕
        </button>
      ))}
      {isNarrowed(state) && (
        <button
          type="button"
          onClick={() =>
            onChange({
              service: undefined,
              level: undefined,
              text: '',
              fields: [],
              last: undefined,
              start: undefined,
              end: undefined,
            })
          }
        >
          ✕ All filters
        </button>
      )}
    </FilterForm>
  );
}
