import type { Colours } from '../../../core/command/terminal/colours.ts';
import { harmlessLine, markdownText } from '../../../core/shared/harmless-text.ts';
import type { TriggerOutcome } from '../../../core/triggers/evaluate.ts';

/** A trigger of a file, and its outcome: only name and status where nothing was measured. */
export type Checked = Pick<TriggerOutcome, 'name'> &
  Partial<Omit<TriggerOutcome, 'name' | 'status'>> & {
    readonly file: string;
    readonly status: TriggerOutcome['status'] | 'disabled';
  };

/** Number of groups with a line of their own. */
const MAX_GROUPS = 5;

const SIGNS = { holds: '✓', fires: '✗', no_data: '?', disabled: '-' } as const;

/** A line for each trigger with its numbers, and a line for all triggers together. */
export function renderCheck(checked: readonly Checked[], colours: Colours): string {
  const lines = checked.flatMap((each) => {
    const sign = SIGNS[each.status];
    const line = `${sign} ${harmlessLine(each.name)}: ${describe(each)}`;
    const isBad = each.status === 'fires' || each.status === 'no_data';
    const link = isBad && each.link !== undefined ? [`    ${colours.dim(each.link)}`] : [];
    return [isBad ? colours.error(line) : line, ...groupsOf(each), ...link];
  });
  return [...lines, '', summary(checked), ''].join('\n');
}

/** The result of a check as a table in Markdown, for `$GITHUB_STEP_SUMMARY`. Names and values stay text. */
export function markdownCheck(checked: readonly Checked[]): string {
  const rows = checked.map((each) => {
    const texts = [describe(each), ...groupsOf(each).map((line) => line.trim())].map(markdownText);
    const name = markdownText(each.name);
    const linked = each.link === undefined ? name : `[${name}](<${each.link}>)`;
    return `| ${SIGNS[each.status]} | ${linked} | ${texts.join('<br>')} |`;
  });
  return ['| | trigger | outcome |', '|---|---|---|', ...rows, '', summary(checked), ''].join('\n');
}

function describe({ status, calculation, value, threshold, reason, estimated, ...rest }: Checked): string {
  if (status === 'disabled') return 'disabled';
  if (status === 'no_data') return `no data, ${reason}${timesOf(rest)}`;
  const measured = `${calculation} is ${value === undefined ? 'nothing' : written(value)}${estimated ? ' (estimated from samples)' : ''}`;
  const row = (threshold?.exceeded_limit ?? 1) > 1 ? ` ${threshold?.exceeded_limit} times in a row` : '';
  const fires = `${status === 'fires' ? 'fires' : 'would fire'} when ${threshold?.op} ${written(threshold?.value ?? 0)}${row}`;
  return `${measured}, ${fires}`;
}

function timesOf({ start_time, end_time }: Pick<Checked, 'start_time' | 'end_time'>): string {
  if (start_time === undefined || end_time === undefined) return '';
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return ` from ${iso(start_time)} to ${iso(end_time)} UTC`;
}

function groupsOf({ groups = [], groups_total = 0 }: Checked): string[] {
  const shown = groups.slice(0, MAX_GROUPS).map(({ group, value }) => {
    const names = Object.entries(group).map(([name, of]) => `${name}=${JSON.stringify(of)}`);
    return `    ${written(value)}  ${harmlessLine(names.join(' '))}`;
  });
  const more = groups_total - shown.length;
  return groups.length === 0 || more <= 0 ? shown : [...shown, `    … and ${more} more groups`];
}

function summary(checked: readonly Checked[]): string {
  const count = (status: Checked['status']) => checked.filter((each) => each.status === status).length;
  const parts = [
    `${count('holds')} of ${checked.length} hold`,
    ...(count('fires') > 0 ? [`${count('fires')} fire`] : []),
    ...(count('no_data') > 0 ? [`${count('no_data')} without data`] : []),
    ...(count('disabled') > 0 ? [`${count('disabled')} disabled`] : []),
  ];
  return `${parts.join(', ')}.`;
}

/** Formats a number with the digits that matter. */
function written(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
