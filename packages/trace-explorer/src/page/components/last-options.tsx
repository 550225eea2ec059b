import { describeSeconds } from '../views/query/describe-times.ts';

/** Times back from now to choose from, in seconds; one that a link asks for is always among them. */
export function LastOptions({
  times,
  last,
}: {
  readonly times: readonly number[];
  readonly last?: number | undefined;
}) {
  const all = new Set(last === undefined ? times : [...times, last]);
  return [...all]
    .sort((a, b) => a - b)
    .map((seconds) => (
      <option key={seconds} value={seconds}>
        last {describeSeconds(seconds)}
      </option>
    ));
}
