import { formatShare } from '../../../../page/values/format.ts';
import type { BubbleUpResult, Bucket, FieldComparison } from '../../server/bubbleup/schemas.ts';

/** A smaller difference between shares says little. */
const LEAST = 0.3;

/** BubbleUp's result as sentences: for each telling field the value that sets the selection apart most. */
export function differenceSentences(
  { fields, selection, baseline }: BubbleUpResult,
  isTelling: (field: FieldComparison) => boolean = () => true,
): readonly string[] {
  if (selection.events === 0 || baseline.events === 0) return [];
  const own = fields.filter((field) => !field.selected_by && field.group !== 'identity' && isTelling(field));
  return own.flatMap(({ name, buckets }) => {
    const share = (bucket: Bucket) => bucket.selection / selection.events;
    const usual = (bucket: Bucket) => bucket.baseline / baseline.events;
    const named = buckets.filter(({ value }) => value !== undefined && value !== null);
    const [first] = named.toSorted((a, b) => share(b) - usual(b) - (share(a) - usual(a)));
    if (first === undefined || share(first) - usual(first) < LEAST) return [];
    return `${name} is ${first.value} in ${formatShare(share(first))} of them, and in ${formatShare(usual(first))} of the others`;
  });
}
