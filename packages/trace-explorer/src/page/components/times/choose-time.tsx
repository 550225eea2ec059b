import { useState } from 'preact/hooks';
import type { Range, Stretch } from '../../../core/places/range.ts';
import { nameOf, stretchOf } from '../../../core/runs/run-words.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { getJson } from '../../api/api.ts';
import { useLoad } from '../../api/use-load.ts';
import { Choose, lastChoices } from '../inputs/choose.tsx';
import { describeTimes } from './describe-times.ts';

/** The newest runs: so many are in the choice. */
const RUNS = 5;

export interface ChooseTimeProps {
  /** The shown time. A stretch may have one end only. Undefined for any time. */
  readonly range: Range | Partial<Stretch> | undefined;
  /** Text for any time. Absent when a person must choose. */
  readonly none?: string;
  /** Called with seconds before now, the time of a run, or undefined for any time. */
  readonly onChoose: (range: Range | undefined) => void;
}

/** The choice of a time range: up to now, or of a run. A stretch between two moments is a choice while it is shown. */
export function ChooseTime({ range, none, onChoose }: ChooseTimeProps) {
  // Read when a person comes near the choice: the list of runs takes a scan of all spans.
  const [isNear, setNear] = useState(false);
  const { value: runs = [] } = useLoad(
    async (signal) =>
      isNear ? (await getJson<{ runs: Run[] }>('/api/runs', signal)).runs.slice(0, RUNS) : [],
    [isNear],
  );
  const seconds = typeof range === 'number' ? range : undefined;
  const timesOf = (run: Run) => describeTimes(stretchOf(run));
  return (
    <Choose
      label="Time"
      onNear={() => setNear(true)}
      {...(none !== undefined && { none })}
      value={typeof range === 'object' ? describeTimes(range) : seconds?.toString()}
      choices={[
        ...lastChoices(seconds),
        ...runs.map((run) => [timesOf(run), `${nameOf(run)}: ${timesOf(run)}`] as const),
      ]}
      onChoose={(chosen) => {
        const run = runs.find((each) => timesOf(each) === chosen);
        onChoose(run ? stretchOf(run) : chosen ? Number(chosen) : undefined);
      }}
    />
  );
}
