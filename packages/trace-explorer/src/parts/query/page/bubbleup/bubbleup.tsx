import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Box } from '../../../../core/query/build/box.ts';
import { comparedOf, withScope } from '../../../../core/query/build/scope.ts';
import type { QueryData } from '../../../../core/query/result/query-result.ts';
import { counted, plural } from '../../../../lib/text/words.ts';
import { send } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { isReturning } from '../../../../page/browser/router.ts';
import { EmptyState } from '../../../../page/components/states/empty-state.tsx';
import { Estimated } from '../../../../page/components/states/estimated.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { about, formatCount } from '../../../../page/values/format.ts';
import { boxFilters, during } from '../../narrow.ts';
import type { BubbleUpResult, FieldComparison } from '../../server/bubbleup/schemas.ts';
import type { ShownQuery } from '../shown-query.ts';
import { differenceSentence, headlineOf } from '../values/difference-sentences.ts';
import { FieldCard } from './field-card.tsx';

export interface BubbleUpProps {
  readonly shown: ShownQuery;
  readonly box: Box;
  /** The times that the query covered when the box was drawn. */
  readonly info: QueryData['info'];
}

/** Fields shown at first: the ones that differ most, if they differ by half a percent. */
const FIRST = 24;
const LEAST = 0.005;
/** A smaller difference between the shares of a value says little. */
const TELLING = 0.3;

/** Every field, the selection against the rest, the most telling first. */
export function BubbleUp({ shown: { place, ask }, box, info }: BubbleUpProps) {
  const { dataset, query } = place;
  const asked = JSON.stringify({
    dataset,
    query: during(query, info.start_time, info.end_time),
    selection: { start_time: box.start, end_time: box.end, filters: boxFilters(box) },
  });
  const load = useLoad(
    (signal) => send<BubbleUpResult>('POST', '/api/bubbleup', JSON.parse(asked), signal),
    [asked],
  );
  return (
    <Loaded load={load} what="Comparing every field">
      {(result) => <ComparedFields result={result} place={place} ask={ask} />}
    </Loaded>
  );
}

function isOfStall({ name }: FieldComparison): boolean {
  return name.startsWith('tandem.stall.');
}

type ComparedFieldsProps = Pick<ShownQuery, 'place' | 'ask'> & { readonly result: BubbleUpResult };

function ComparedFields({ result, place: { query }, ask }: ComparedFieldsProps) {
  const [all, setAll] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  // Scroll the result into sight when only its beginning is visible.
  useLayoutEffect(() => {
    const { current } = root;
    if (current && !isReturning() && current.getBoundingClientRect().top > innerHeight / 2)
      current.scrollIntoView({ block: 'start' });
  }, []);
  const { selection, baseline } = result;
  if (selection.events === 0)
    return (
      <div ref={root}>
        <EmptyState title="The box is empty">
          <p>Draw it around cells that have a colour.</p>
        </EmptyState>
      </div>
    );
  // A field that only other spans of the traces have cannot be a condition on the query's own spans.
  const whole = withScope(query, 'spans') ?? query;
  // A stall is of the process: it says nothing of the work that met it.
  const fields = result.fields.toSorted((a, b) => Number(isOfStall(a)) - Number(isOfStall(b)));
  const differing = fields.filter(({ difference }) => difference >= LEAST);
  const shown = all ? fields : differing.slice(0, FIRST);
  const first = headlineOf({ ...result, fields }, TELLING, query.breakdowns ?? []);
  return (
    <div class="bubbleup anywhere" ref={root}>
      <header class="pad column">
        <h2>{first ? differenceSentence(first) : 'No field has a value that sets the selection apart'}.</h2>
        <p class="line meta">
          <span>
            <i class="service-mark" style={{ '--own': 'var(--accent)' }} />{' '}
            {about(formatCount(selection.events), result.estimated)}{' '}
            {comparedOf(query) === 'traces'
              ? `selected ${plural(selection.events, 'trace')}, with the fields of all their spans`
              : `selected ${plural(selection.events, 'span')}`}
          </span>
          <span>
            <i class="service-mark" style={{ '--own': 'var(--line2)' }} />{' '}
            {about(formatCount(baseline.events), result.estimated)} {plural(baseline.events, 'other')}
          </span>
          <span class="at-end faint">
            {counted(differing.length, 'field')} {differing.length === 1 ? 'differs' : 'differ'}
          </span>
          <Estimated of={result} />
          {result.sampled && (
            <span>
              ≈ By a sample of {formatCount(result.sampled.selection)} and{' '}
              {formatCount(result.sampled.baseline)}.
            </span>
          )}
        </p>
      </header>
      <ul class="bubbleup-fields tiles">
        {shown.map((field) => (
          <li key={field.name}>
            <FieldCard field={field} result={result} query={field.of_query ? query : whole} ask={ask} />
          </li>
        ))}
      </ul>
      {shown.length < result.fields.length && (
        <p class="pad">
          <button type="button" onClick={() => setAll(true)}>
            Show all {formatCount(result.fields.length)} fields
          </button>
        </p>
      )}
      {result.skipped > 0 && (
        <p class="pad muted">Left out for want of time: {counted(result.skipped, 'rare field')}.</p>
      )}
    </div>
  );
}
