import type { Range, Stretch } from '../../../places/shown-range.ts';
import { Choose, lastChoices } from '../inputs/choose.tsx';
import { describeTimes } from './describe-times.ts';

export interface ChooseTimeProps {
  /** What is shown. A stretch may have one end only. Undefined for any time. */
  readonly range: Range | Partial<Stretch> | undefined;
  /** Text for any time. Absent when a person must choose. */
  readonly none?: string;
  /** Called with seconds before now, or undefined for any time. */
  readonly onChoose: (seconds: number | undefined) => void;
}

/** The choice of a time range. A stretch between two moments is a choice while it is shown. */
export function ChooseTime({ range, none, onChoose }: ChooseTimeProps) {
  const seconds = typeof range === 'number' ? range : undefined;
  const stretch = typeof range === 'object' ? ([['stretch', describeTimes(range)]] as const) : [];
  return (
    <Choose
      label="Time"
      {...(none !== undefined && { none })}
      value={typeof range === 'object' ? 'stretch' : seconds?.toString()}
      choices={[...lastChoices(seconds), ...stretch]}
      onChoose={(chosen) =>
        chosen !== 'stretch' && onChoose(chosen === undefined ? undefined : Number(chosen))
      }
    />
  );
}
