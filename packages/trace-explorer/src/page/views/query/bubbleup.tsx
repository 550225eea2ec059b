import { useState } from 'preact/hooks';
import type { BubbleUpResult, FieldComparison } from '../../../bubbleup/bubbleup.ts';
import type { Bucket } from '../../../bubbleup/distribution.ts';
import type { Filter } from '../../../query/query-spec.ts';
import { postJson } from '../../client/api.ts';
import { Busy } from '../../client/components/busy.tsx';
import { EmptyState } from '../../client/components/empty-state.tsx';
import { ErrorState } from '../../client/components/error-state.tsx';
import { formatCount, formatShare } from '../../client/format.ts';
import type { QuerySpecInput } from '../../client/query-input.ts';
import { useLoad } from '../../client/use-load.ts';
import { boxFilters, during } from './narrow.ts';
import type { Box } from './query-place.ts';
import { formatField } from './values.ts';

export interface BubbleUpProps {
  readonly dataset: string;
  readonly query: QuerySpecInput;
  readonly box: Box;
  /** Times that the query covered when the box was drawn, seconds since the epoch. */
  readonly window: { readonly start: number; readonly end: number };
  readonly onWhere: (filters: readonly Filter[]) => void;
  readonly onGroupBy: (field: string) => void;
}

/** Fields shown at first: the ones that differ most. */
const FIRST = 24;

/** Every field, the selection against the rest, the most different first. */
export function BubbleUp({ dataset, query, box, window, onWhere, onGroupBy }: BubbleUpProps) {
  const [all, setAll] = useState(false);
  const [part, setPart] = useState('');
  const { filters = [], filter_combination, calculated_fields = [] } = query;
  const asked = JSON.stringify({
    dataset,
    query: during(
      { filters, calculated_fields, ...(filter_combination !== undefined && { filter_combination }) },
      window.start,
      window.end,
    ),
    selection: { start_time: box.start, end_time: box.end, filters: boxFilters(box) },
  });
  const { value, error, busy, reload, cancel } = useLoad(
    (signal) => postJson<BubbleUpResult>('/api/bubbleup', JSON.parse(asked), signal),
    [asked],
  );
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value === undefined) {
    return busy ? (
      <Busy what="Comparing every field" onCancel={cancel} />
    ) : (
      <button type="button" onClick={reload}>
        Compare
      </button>
    );
  }
  if (value.selection.events === 0) {
    return (
      <EmptyState title="The box is empty">
        <p>Draw it around cells that have a colour.</p>
      </EmptyState>
    );
  }
  const wanted = part.trim().toLowerCase();
  // Fields that the box was drawn by differ as a matter of course: they come last.
  const ranked = [...value.fields].sort((a, b) => Number(a.selected_by) - Number(b.selected_by));
  const fitting = ranked.filter(({ name }) => name.toLowerCase().includes(wanted));
  const shown = all || wanted !== '' ? fitting : fitting.slice(0, FIRST);
  return (
    <div class="bubbleup">
      <div class="bubbleup-head">
        <p>
          <span class="side-mark selection" aria-hidden="true" /> {formatCount(value.selection.events)}{' '}
          selected
          <span class="side-mark baseline" aria-hidden="true" /> {formatCount(value.baseline.events)} others
        </p>
        <input
          type="search"
          aria-label="Fields with this in their name"
          placeholder="Find a field"
          value={part}
          onInput={(event) => setPart(event.currentTarget.value)}
        />
      </div>
      <ul class="bubbleup-fields">
        {shown.map((field) => (
          <li key={field.name}>
            <FieldCard field={field} result={value} onWhere={onWhere} onGroupBy={onGroupBy} />
          </li>
        ))}
      </ul>
      {shown.length < fitting.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {formatCount(fitting.length)} fields
        </button>
      )}
      {value.skipped > 0 && (
        <p class="muted">
          {formatCount(value.skipped)} rare fields were left out: there was no time for them.
        </p>
      )}
    </div>
  );
}

/** Buckets shown of one field. */
const MOST = 5;

function FieldCard({
  field,
  result,
  onWhere,
  onGroupBy,
}: {
  field: FieldComparison;
  result: BubbleUpResult;
  onWhere: BubbleUpProps['onWhere'];
  onGroupBy: BubbleUpProps['onGroupBy'];
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

/** Of many ranges those in which the sides differ most, in order of their values. */
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
