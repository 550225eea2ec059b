import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { describeSeconds, describeTimes } from './describe.ts';

const RANGES = [60, 600, 1800, 3600, 7200, 28_800, 86_400, 604_800];

/** The time that a query covers: the last minutes or hours, or after zooming the time between two moments. */
export function TimeRange({
  query,
  onChange,
}: {
  query: QuerySpecInput;
  onChange: (query: QuerySpecInput) => void;
}) {
  const { start_time, end_time, time_range = 7200 } = query;
  const absolute = start_time !== undefined || end_time !== undefined;
  const choices = [...new Set([...RANGES, time_range])].sort((a, b) => a - b);
  return (
    <label class="clause-field">
      TIME
      <select
        value={absolute ? 'absolute' : String(time_range)}
        onChange={(event) => {
          const chosen = Number(event.currentTarget.value);
          if (!Number.isFinite(chosen)) return;
          const { start_time: _, end_time: _e, granularity: _g, ...rest } = query;
          onChange({ ...rest, time_range: chosen });
        }}
      >
        {absolute && <option value="absolute">{describeTimes(query)}</option>}
        {choices.map((seconds) => (
          <option key={seconds} value={String(seconds)}>
            last {describeSeconds(seconds)}
          </option>
        ))}
      </select>
    </label>
  );
}
