import { formatShare } from '../../../../page/values/format.ts';
import type { BubbleUpResult, FieldComparison } from '../../server/bubbleup/schemas.ts';

/** A smaller difference between shares says little. */
const LEAST = 0.3;

/** The value of a field that sets a selection apart most: its share there, and its share of the others. */
export type Difference = ReturnType<typeof tellingDifferences>[number];

/** BubbleUp's result as sentences: for each telling field the value that sets the selection apart most. */
export function differenceSentences(result: BubbleUpResult): readonly string[] {
  return tellingDifferences(result).map(
    ({ name, value, share, usual }) =>
      `${name} is ${value} in ${formatShare(share)} of them, and in ${formatShare(usual)} of the others`,
  );
}

/** For each telling field the value that sets the selection apart most, by at least so large a share. */
export function tellingDifferences(
  { fields, selection, baseline }: BubbleUpResult,
  least = LEAST,
  isTelling: (field: FieldComparison) => boolean = () => true,
) {
  if (selection.events === 0 || baseline.events === 0) return [];
  const own = fields.filter((field) => !field.selected_by && field.group !== 'identity' && isTelling(field));
  return own.flatMap(({ name, buckets }) => {
    const shares = buckets.flatMap(({ value, ...counts }) =>
      value === undefined || value === null
        ? []
        : [
            {
              name,
              value: String(value),
              share: counts.selection / selection.events,
              usual: counts.baseline / baseline.events,
            },
          ],
    );
    const [first] = shares.toSorted((a, b) => b.share - b.usual - (a.share - a.usual));
    return first === undefined || first.share - first.usual < least ? [] : [first];
  });
}
