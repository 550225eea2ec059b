import { useState } from 'preact/hooks';
import type { Stretch } from '../../../core/places/range.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { FormError } from '../overlays/dialog.tsx';
import { Popover } from '../overlays/popover.tsx';
import { ChooseTime } from './choose-time.tsx';
import { withTimes } from './query-times.ts';

export interface TimeRangeProps {
  readonly query: QuerySpecInput;
  readonly onChange: (query: QuerySpecInput) => void;
}

/** The time range of a query: up to now, of a run, or between two moments. */
export function TimeRange({ query, onChange }: TimeRangeProps) {
  const { start_time, end_time, time_range = 7200 } = query;
  const start = start_time ?? (end_time === undefined ? undefined : end_time - time_range);
  const stretch = start !== undefined && { start_time: start, end_time: end_time ?? start + time_range };
  return (
    <>
      <ChooseTime
        range={stretch || time_range}
        onChoose={(range = time_range) => onChange(withTimes(query, range))}
      />
      <Popover label="Between …" title="Two moments">
        {(close) => (
          <Between
            stretch={stretch || undefined}
            seconds={time_range}
            onChoose={(range) => {
              close();
              onChange(withTimes(query, range));
            }}
          />
        )}
      </Popover>
    </>
  );
}

interface BetweenProps {
  readonly stretch: Stretch | undefined;
  /** The length of the range that is shown without a stretch. */
  readonly seconds: number;
  readonly onChoose: (stretch: Stretch) => void;
}

/** A form for the time between two moments. */
function Between({ stretch, seconds, onChoose }: BetweenProps) {
  const [now] = useState(() => Math.floor(Date.now() / 1000));
  const { start_time, end_time } = stretch ?? { start_time: now - seconds, end_time: now };
  const [error, setError] = useState<string>();
  const submit = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => Date.parse(String(form.get(name))) / 1000;
    const [start, end] = [read('From'), read('To')];
    if (start >= end) return setError('The end must be after the start.');
    onChoose({ start_time: start, end_time: end });
  };
  const moments = [
    ['From', start_time],
    ['To', end_time],
  ] as const;
  return (
    <form class="time-between column" onSubmit={submit} onInput={() => setError(undefined)}>
      {moments.map(([name, at]) => (
        <label key={name} class="clause-field">
          {name}
          <input
            type="datetime-local"
            name={name}
            step={1}
            required
            aria-label={`${name}, local time`}
            defaultValue={inputText(at)}
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
