import type { BubbleUpResult, FieldComparison } from '../../../bubbleup/bubbleup.ts';
import type { Bucket } from '../../../bubbleup/distribution.ts';
import type { Filter } from '../../../query/parse/query-spec.ts';
import { formatShare } from '../../format.ts';
import { formatField } from './values.ts';

/** Buckets shown per field. */
const MOST = 5;

/** One field: how often the selection and the others have each of its values. */
export function FieldCard({
  field,
  result,
  onWhere,
  onGroupBy,
}: {
  field: FieldComparison;
  result: BubbleUpResult;
  onWhere: (filters: readonly Filter[]) => void;
  onGroupBy: (field: string) => void;
}) {
  const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
  const rows = (
    field.buckets.some(({ range }) => range !== undefined) ? telling(field, result) : field.buckets
  ).slice(0, MOST);
  const greatest = Math.max(
    ...rows.map((bucket) =>
      Math.max(
        share(bucket.selection, result.selection.events),
        share(bucket.baseline, result.baseline.events),
      ),
    ),
    1e-9,
  );
  return (
    <article class="bubbleup-field" aria-label={field.name}>
      <header>
        <h3 class="mono" title={field.name}>
          {field.name}
        </h3>
        <span class="muted" title="How far apart the two sides are: 0 % the same, 100 % nothing in common">
          {formatShare(field.difference)}
        </span>
        <button type="button" class="bubbleup-group" onClick={() => onGroupBy(field.name)}>
          group by <span class="visually-hidden">{field.name}</span>
        </button>
      </header>
      {rows.map((bucket) => {
        const [own, other] = [
          share(bucket.selection, result.selection.events),
          share(bucket.baseline, result.baseline.events),
        ];
        const label = bucketLabel(field.name, bucket);
        return (
          <button
            key={label}
            type="button"
            class="bubbleup-value plain"
            onClick={() => onWhere(bucketFilters(field.name, bucket))}
            title={`where ${field.name} is ${label}: ${formatShare(own)} of the selection, ${formatShare(other)} of the others`}
          >
            <span class="bubbleup-label">
              <span class="visually-hidden">where {field.name} is </span>
              {label}
            </span>
            <span class="bubbleup-bars">
              <span class="selection" style={{ width: `${(own / greatest) * 100}%` }} />
              <span class="baseline" style={{ width: `${(other / greatest) * 100}%` }} />
            </span>
            <span class="bubbleup-share">
              {formatShare(own)}
              <span class="visually-hidden"> of the selection, {formatShare(other)} of the others</span>
            </span>
          </button>
        );
      })}
    </article>
  );
}

/** The ranges in which the sides differ most, in order of their values. */
function telling(field: FieldComparison, { selection, baseline }: BubbleUpResult): Bucket[] {
  const difference = (bucket: Bucket) =>
    Math.abs(
      bucket.selection / Math.max(1, selection.events) - bucket.baseline / Math.max(1, baseline.events),
    );
  const chosen = new Set([...field.buckets].sort((a, b) => difference(b) - difference(a)).slice(0, MOST));
  return field.buckets.filter((bucket) => chosen.has(bucket));
}

function bucketLabel(field: string, { value, range }: Bucket): string {
  if (range === undefined) return value === null ? '(no value)' : formatField(field, value);
  if (range.from === null) return `≤ ${formatField(field, range.to)}`;
  if (range.to === null) return `> ${formatField(field, range.from)}`;
  return `${formatField(field, range.from)} – ${formatField(field, range.to)}`;
}

function bucketFilters(column: string, { value, range }: Bucket): Filter[] {
  if (range !== undefined) {
    return [
      ...(range.from === null ? [] : [{ column, op: '>', value: range.from } as const]),
      ...(range.to === null ? [] : [{ column, op: '<=', value: range.to } as const]),
    ];
  }
  return value === null || value === undefined
    ? [{ column, op: 'does-not-exist' }]
    : [{ column, op: '=', value }];
}
