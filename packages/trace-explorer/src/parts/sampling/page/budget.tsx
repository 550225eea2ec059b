import { useState } from 'preact/hooks';
import { formatCount } from '../../../page/values/format.ts';

/** Three steps for each power of ten, from a hundred thousand to ten thousand million events. */
const STEPS = Array.from({ length: 16 }, (_, at) => [1, 2, 5][at % 3] ?? 1).map(
  (digit, at) => digit * 10 ** (5 + Math.floor(at / 3)),
);

/** A slider of events a month. The rules are tried when it is let go. */
export function Budget({ events, onChoose }: { events: number; onChoose: (events: number) => void }) {
  const [moved, setMoved] = useState<number>();
  const shown = moved ?? events;
  const nearest = STEPS.findLastIndex((step) => step <= shown);
  return (
    <label class="column">
      <span class="muted">Budget</span>
      <input
        type="range"
        min={0}
        max={STEPS.length - 1}
        value={Math.max(0, nearest)}
        aria-valuetext={`${formatCount(shown)} events a month`}
        onInput={({ currentTarget }) => setMoved(STEPS[currentTarget.valueAsNumber])}
        onChange={({ currentTarget }) => {
          setMoved(undefined);
          onChoose(STEPS[currentTarget.valueAsNumber] ?? events);
        }}
      />
      <output class="strong">{formatCount(shown)} events a month</output>
    </label>
  );
}
