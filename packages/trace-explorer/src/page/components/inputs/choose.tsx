import { describeSeconds } from '../times/describe-times.ts';

export type Choice = string | readonly [value: string, text: string];

export interface ChooseProps {
  readonly label: string;
  /** The chosen value; undefined for none. The choices get a value that is not among them. */
  readonly value: string | undefined;
  readonly choices: readonly Choice[];
  /** Text for no choice. Absent when a person must choose. */
  readonly none?: string;
  readonly onChoose: (value: string | undefined) => void;
  /** Called when the pointer or the focus comes to the list. */
  readonly onNear?: () => void;
  readonly class?: string;
  /** Whether the label is only for screen readers. */
  readonly hidesLabel?: boolean;
}

/** A choice from a list, with its label. */
export function Choose(props: ChooseProps) {
  const { label, value, choices, none, onChoose, onNear, hidesLabel, class: name } = props;
  const all = choices.map((choice) => (typeof choice === 'string' ? ([choice, choice] as const) : choice));
  const isAmong = value === undefined || all.some(([each]) => each === value);
  return (
    <label class={name}>
      <span class={hidesLabel ? 'visually-hidden' : undefined}>{label}</span>{' '}
      <select
        value={value ?? ''}
        onFocus={onNear}
        onPointerEnter={onNear}
        onChange={({ currentTarget }) => onChoose(currentTarget.value || undefined)}
      >
        {none !== undefined && <option value="">{none}</option>}
        {(isAmong ? all : [...all, [value, value] as const]).map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Choices of seconds before now. */
const LAST_SECONDS = [60, 600, 1800, 3600, 7200, 28_800, 86_400, 604_800];

/** Seconds before now as choices of a list, with their texts, including the seconds of a link. */
export function lastChoices(last?: number): readonly Choice[] {
  const all = new Set(last === undefined ? LAST_SECONDS : [...LAST_SECONDS, last]);
  return [...all].sort((a, b) => a - b).map((each) => [String(each), `last ${describeSeconds(each)}`]);
}
