import { formatShare } from '../../../../page/values/format.ts';
import type { BubbleUpResult, FieldComparison } from '../../server/bubbleup/schemas.ts';

/** A value that sets a selection apart: its share there, and its share of the others. */
interface Difference {
  readonly name: string;
  readonly value: string;
  readonly share: number;
  readonly usual: number;
}

/** A difference in a sentence, without its full stop. */
export function differenceSentence({ name, value, share, usual }: Difference): string {
  return `${name} is ${value} in ${formatShare(share)} of them, and in ${formatShare(usual)} of the others`;
}

/**
 * The difference that says most of a selection: of no field that the query groups by, and of none that follows from one: a
 * value of such a field has as many events on both sides as a value that is grouped by.
 * @param least the smallest difference between the shares that says anything
 */
export function headlineOf(
  result: BubbleUpResult,
  least: number,
  breakdowns: readonly string[],
): Difference | undefined {
  const isFixed = ({ name }: FieldComparison) => breakdowns.includes(name);
  const countsOf = ({ selection, baseline }: FieldComparison['buckets'][number]) =>
    `${selection} ${baseline}`;
  const fixed = new Set(result.fields.filter(isFixed).flatMap(({ buckets }) => buckets.map(countsOf)));
  const follows = ({ buckets }: FieldComparison) =>
    buckets.some((bucket) => bucket.selection > 0 && fixed.has(countsOf(bucket)));
  const [first] = tellingDifferences(result, least, (field) => !isFixed(field) && !follows(field));
  return first;
}

/** For each telling field the value that sets the selection apart most, by at least so large a share. */
export function tellingDifferences(
  { fields, selection, baseline }: BubbleUpResult,
  least: number,
  isTelling: (field: FieldComparison) => boolean = () => true,
): Difference[] {
  if (selection.events === 0 || baseline.events === 0) return [];
  const own = fields.filter((field) => !field.selected_by && field.group !== 'identity' && isTelling(field));
  return own.flatMap(({ name, buckets }) => {
    const [first] = buckets
      .filter(({ value }) => value !== undefined && value !== null)
      .map(({ value, ...counts }) => ({
        name,
        value: String(value),
        share: counts.selection / selection.events,
        usual: counts.baseline / baseline.events,
      }))
      .sort((a, b) => b.share - b.usual - (a.share - a.usual));
    return first === undefined || first.share - first.usual < least ? [] : [first];
  });
}
