import { useState } from 'preact/hooks';
import type { QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import { secondsBack } from '../../../components/inputs/choose.tsx';
import { FormError } from '../../../components/overlays/dialog.tsx';
import { Popover } from '../../../components/overlays/popover.tsx';
import { describeSeconds, describeTimes } from '../../../components/times/describe-times.ts';
import { lasting } from '../../../components/times/query-times.ts';

export interface TimeRangeProps {
  readonly query: QuerySpecInput;
  readonly onChange: (query: QuerySpecInput) => void;
}

/** The time range of a query: the last minutes or hours, or the time between two moments. */
export function TimeRange({ query, onChange }: TimeRangeProps) {
  const { start_time, end_time, time_range = 7200 } = query;
  const absolute = start_time !== undefined || end_time !== undefined;
  const label = describeTimes(query);
  return (
    <Popover
      label={
        <>
          {label.charAt(0).toUpperCase() + label.slice(1)} <span aria-hidden="true">▾</span>
        </>
      }
      title="Time of the query"
    >
      {(close) => (
        <>
          <ul class="time-ranges">
            {secondsBack(absolute ? undefined : time_range).map((seconds) => (
              <li key={seconds}>
                <button
                  type="button"
                  aria-pressed={!absolute && seconds === time_range}
                  onClick={() => {
                    close();
                    onChange(lasting(query, seconds));
                  }}
                >
                  Last {describeSeconds(seconds)}
                </button>
              </li>
            ))}
          </ul>
          <Between
            query={query}
            onChange={(changed) => {
              close();
              onChange(changed);
            }}
          />
        </>
      )}
    </Popover>
  );
}

/** A form for the time between two moments. */
function Between({ query, onChange }: TimeRangeProps) {
  const { time_range = 7200, start_time, end_time } = query;
  const [now] = useState(() => Math.floor(Date.now() / 1000));
  const last = end_time ?? (start_time === undefined ? now : start_time + time_range);
  const [error, setError] = useState<string>();
  const submit = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => Date.parse(String(form.get(name))) / 1000;
    const [start, end] = [read('From'), read('To')];
    if (start >= end) return setError('The end must be after the start.');
    const { time_range: _, granularity: _g, ...rest } = query;
    onChange({ ...rest, start_time: start, end_time: end });
  };
  const moments = [
    ['From', start_time ?? last - time_range],
    ['To', last],
  ] as const;
  return (
    <form class="time-between" onSubmit={submit} onInput={() => setError(undefined)}>
      {moments.map(([name, seconds]) => (
        <label key={name} class="clause-field">
          {name}
          <input
            type="datetime-local"
            name={name}
            step={1}
            required
            aria-label={`${name}, local time`}
            defaultValue={inputText(seconds)}
          />
        </label>
      ))}
      <FormError error={error} />
      <button type="submit">Show these times</button>
    </form>
  );
}

/** A moment in the form of an HTML input for dates and times. */
export function inputText(seconds: number): string {
  const offset = new Date(seconds * 1000).getTimezoneOffset() * 60;
  return new Date((Math.floor(seconds) - offset) * 1000).toISOString().slice(0, 19);
}
