import type { Row, Section } from '../../../core/places/section.ts';
import { estimateText } from '../../../lib/text/words.ts';
import type { TriggerOutcome } from '../server/evaluate.ts';
import { measuredText, written } from '../server/measured-text.ts';

/** A trigger of a file, and its outcome: only name and status where nothing was measured. */
export type Checked = Pick<TriggerOutcome, 'name'> &
  Partial<Omit<TriggerOutcome, 'name' | 'status'>> & {
    readonly file: string;
    readonly status: TriggerOutcome['status'] | 'disabled';
  };

/** Number of groups with a line of their own. */
const MAX_GROUPS = 5;

const SIGNS = { holds: '✓', fires: '✗', no_data: '?', disabled: '-' } as const;

/** A row for each trigger with its numbers, and a sentence for all triggers together. */
export function checkSections(checked: readonly Checked[]): readonly Section[] {
  const rows = checked.map((trigger): Row => {
    const isBad = trigger.status === 'fires' || trigger.status === 'no_data';
    return {
      sign: SIGNS[trigger.status],
      cells: [trigger.name, outcomeOf(trigger)],
      details: groupsOf(trigger),
      ...(isBad && { link: trigger.link }),
    };
  });
  return [
    { title: '', sentences: [], columns: ['trigger', 'outcome'], rows },
    { title: '', sentences: [summary(checked)], rows: [] },
  ];
}

function outcomeOf(trigger: Checked): string {
  const { status, threshold, reason, ...times } = trigger;
  if (status === 'disabled') return 'disabled';
  if (status === 'no_data') return `no data, ${reason}${timesOf(times)}`;
  const row = (threshold?.exceeded_limit ?? 1) > 1 ? ` ${threshold?.exceeded_limit} times in a row` : '';
  const fires = `${status === 'fires' ? 'fires' : 'would fire'} when ${threshold?.op} ${written(threshold?.value ?? 0)}${row}`;
  return `${measuredText(trigger)}, ${fires}`;
}

function timesOf({ start_time, end_time }: Pick<Checked, 'start_time' | 'end_time'>): string {
  if (start_time === undefined || end_time === undefined) return '';
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  const text = (seconds: number) => `${iso(seconds).slice(0, 10)} ${iso(seconds).slice(11, 19)}`;
  return ` from ${text(start_time)} to ${text(end_time)} UTC`;
}

function groupsOf({ groups = [], groups_total = 0, estimated }: Checked): string[] {
  const shown = groups.slice(0, MAX_GROUPS).map(({ group, value }) => {
    const names = Object.entries(group).map(([name, of]) => `${name}=${JSON.stringify(of)}`);
    return `${estimateText(written(value), estimated)}  ${names.join(' ')}`;
  });
  const more = groups_total - shown.length;
  return groups.length === 0 || more <= 0 ? shown : [...shown, `… and ${more} more groups`];
}

function summary(checked: readonly Checked[]): string {
  const count = (status: Checked['status']) => checked.filter((trigger) => trigger.status === status).length;
  const parts = [
    `${count('holds')} of ${checked.length} hold`,
    ...(count('fires') > 0 ? [`${count('fires')} fire`] : []),
    ...(count('no_data') > 0 ? [`${count('no_data')} without data`] : []),
    ...(count('disabled') > 0 ? [`${count('disabled')} disabled`] : []),
  ];
  return `${parts.join(', ')}.`;
}
