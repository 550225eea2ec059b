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
