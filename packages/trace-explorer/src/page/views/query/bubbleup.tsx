import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { BubbleUpResult } from '../../../bubbleup/bubbleup.ts';
import type { Box } from '../../../query/ask/box.ts';
import { boxFilters, during } from '../../../query/ask/narrow.ts';
import type { Filter, QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { postJson } from '../../api.ts';
import { Busy } from '../../components/busy.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Estimated } from '../../components/estimated.tsx';
import { formatCount } from '../../format.ts';
import { isReturning } from '../../shell/router.ts';
import { useLoad } from '../../use-load.ts';
import { FieldCard } from './field-card.tsx';

export interface BubbleUpProps {
  readonly dataset: string;
  readonly query: QuerySpecInput;
  readonly box: Box;
  /** Times that the query covered when the box was drawn, seconds since the epoch. */
  readonly window: { readonly start: number; readonly end: number };
  /** What stands on both sides: the query's events, or their whole traces. */
  readonly compare: 'events' | 'traces';
  readonly onWhere: (filters: readonly Filter[], ofQuery: boolean) => void;
  readonly onGroupBy: (field: string, ofQuery: boolean) => void;
}

/** Fields shown at first: the ones that differ most. */
const FIRST = 24;

/** Every field, the selection against the rest, the most telling first. */
export function BubbleUp({ dataset, query, box, window, compare, onWhere, onGroupBy }: BubbleUpProps) {
  const [all, setAll] = useState(false);
  const [part, setPart] = useState('');
  const { filters = [], filter_combination, calculated_fields = [], usage_mode } = query;
  const asked = JSON.stringify({
    dataset,
    query: during(
      {
        filters,
        calculated_fields,
        ...(filter_combination !== undefined && { filter_combination }),
        ...(usage_mode && { usage_mode }),
      },
      window.start,
      window.end,
    ),
    compare,
    selection: { start_time: box.start, end_time: box.end, filters: boxFilters(box) },
  });
  const { value, error, busy, reload, cancel } = useLoad(
    (signal) => postJson<BubbleUpResult>('/api/bubbleup', JSON.parse(asked), signal),
    [asked],
  );
  const result = useRef<HTMLDivElement>(null);
  const hasResult = value !== undefined;
  // What was asked for is seen when it comes, and not only its beginning.
  useLayoutEffect(() => {
    const { current } = result;
    if (current && !isReturning() && current.getBoundingClientRect().top > innerHeight / 2)
      current.scrollIntoView({ block: 'start' });
  }, [hasResult]);
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
      <div ref={result}>
        <EmptyState title="The box is empty">
          <p>Draw it around cells that have a colour.</p>
        </EmptyState>
      </div>
    );
  }
  const wanted = part.trim().toLowerCase();
  // Fields that the box itself selects by differ in any case: they come last.
  const ranked = [...value.fields].sort((a, b) => Number(a.selected_by) - Number(b.selected_by));
  const fitting = ranked.filter(({ name }) => name.toLowerCase().includes(wanted));
  const shown = all || wanted !== '' ? fitting : fitting.slice(0, FIRST);
  return (
    <div class="bubbleup" ref={result}>
      <div class="bubbleup-head">
        <p>
          <span class="side-mark selection" aria-hidden="true" /> {formatCount(value.selection.events)}{' '}
          {compare === 'traces' ? 'selected traces, with the fields of all their spans' : 'selected spans'}
          <span class="side-mark baseline" aria-hidden="true" /> {formatCount(value.baseline.events)} others
          <Estimated of={value} />
          {value.sampled && (
            <span class="muted">
              {' '}
              ≈ By a sample of {formatCount(value.sampled.selection)} and{' '}
              {formatCount(value.sampled.baseline)}.
            </span>
          )}
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
