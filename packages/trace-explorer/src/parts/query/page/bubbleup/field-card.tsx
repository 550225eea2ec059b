import type { Filter, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { CutLabel } from '../../../../page/components/cut-label.tsx';
import { SharePair } from '../../../../page/components/meter.tsx';
import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { formatShare } from '../../../../page/values/format.ts';
import { narrowed } from '../../narrow.ts';
import type { BubbleUpResult, Bucket, FieldComparison } from '../../server/bubbleup/schemas.ts';
import { filterOf, formatField } from '../values.ts';

const COLUMNS = { '--columns': 'minmax(0, 132px) minmax(0, 1fr) 52px' };
/** Buckets shown per field. */
const MOST = 5;

interface FieldCardProps {
  readonly field: FieldComparison;
  readonly result: BubbleUpResult;
  /** The query that a press narrows, or groups by the field. */
  readonly query: QuerySpecInput;
  readonly ask: (query: QuerySpecInput) => void;
}

/** One field: how often the selection and the others have each of its values. A whole bar is 100 % in every field. */
export function FieldCard({ field, result, query, ask }: FieldCardProps) {
  const { breakdowns = [] } = query;
  const rows = (hasRanges(field) ? telling(field, result) : field.buckets)
    .slice(0, MOST)
    // Values say more than their absence.
    .sort((a, b) => Number(a.value === null) - Number(b.value === null));
  const labels = rows.map((bucket) => bucketLabel(field.name, bucket));
  const why = explainScore(field, rows[0], result);
  return (
    <article class="bubbleup-field" aria-label={field.name}>
      <header class="strip">
        <h3 class="mono strong grow ellipsis" title={field.name}>
          {field.name}
        </h3>
        <button
          type="button"
          class="plain meta faint group-by"
          onClick={() => ask({ ...query, breakdowns: [...new Set([...breakdowns, field.name])] })}
        >
          group by <span class="visually-hidden">{field.name}</span>
        </button>
        <Popover
          about={why}
          label={
            <>
              {formatShare(field.difference)}
              <span class="visually-hidden"> difference in {field.name}</span>
            </>
          }
          title={`The score of ${field.name}`}
          button="tag"
        >
          {() => why}
        </Popover>
      </header>
      {rows.map((bucket, at) => {
        const [own, other] = sharesOf(bucket, result);
        const label = labels[at] ?? '';
        return (
          <button
            key={label}
            type="button"
            class="bubbleup-value plain parts whole meta"
            style={COLUMNS}
            data-row
            onClick={() => ask(narrowed(query, bucketFilters(field.name, bucket)))}
            title={`where ${field.name} is ${label}: ${formatShare(own)} of the selection, ${formatShare(other)} of the others`}
          >
            <span>
              <span class="visually-hidden">
                where {field.name} is {label}
              </span>
              <span aria-hidden="true">
                <CutLabel text={label} all={labels} />
              </span>
            </span>
            <SharePair own={own} others={other} />
            <span class={own > other ? 'numeric strong' : 'numeric faint'}>
              {formatShare(own)}
              <span class="visually-hidden"> of the selection, {formatShare(other)} of the others</span>
            </span>
          </button>
        );
      })}
    </article>
  );
}

const GROUPS = {
  meaning: '',
  infrastructure: ' It describes where the work ran, so it stands below fields that describe the work.',
  identity:
    ' Nearly every event has a value of its own, so it stands below fields whose values mean something.',
} as const;

function explainScore(field: FieldComparison, first: Bucket | undefined, result: BubbleUpResult) {
  const label = first === undefined ? '' : bucketLabel(field.name, first);
  const [own, other] = first === undefined ? [0, 0] : sharesOf(first, result);
  const why = hasRanges(field)
    ? `${formatShare(field.difference)} is the greatest distance between the two sides’ distributions of this number.`
    : `${formatShare(own)} of the selection have ${label}, ${formatShare(other)} of the others: a difference of ${formatShare(field.difference)}.`;
  const made = field.selected_by ? ' The box selects by this field, so it differs in any case.' : '';
  const elsewhere = field.of_query ? '' : ' Other spans of the traces have it, not the spans of the query.';
  return why + GROUPS[field.group] + made + elsewhere;
}

function hasRanges({ buckets }: FieldComparison): boolean {
  return buckets.some(({ range }) => range !== undefined);
}

/** The ranges in which the sides differ most, in order of their values. */
function telling(field: FieldComparison, result: BubbleUpResult): Bucket[] {
  const difference = (bucket: Bucket) => {
    const [own, other] = sharesOf(bucket, result);
    return Math.abs(own - other);
  };
  const chosen = new Set([...field.buckets].sort((a, b) => difference(b) - difference(a)).slice(0, MOST));
  return field.buckets.filter((bucket) => chosen.has(bucket));
}

function sharesOf(bucket: Bucket, { selection, baseline }: BubbleUpResult): [own: number, other: number] {
  return [bucket.selection / Math.max(1, selection.events), bucket.baseline / Math.max(1, baseline.events)];
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
  return [filterOf(column, value)];
}
