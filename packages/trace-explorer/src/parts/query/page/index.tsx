import { useMemo, useRef, useState } from 'preact/hooks';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import type { QueryData } from '../../../core/query/result/query-result.ts';
import { getJson } from '../../../page/api/api.ts';
import { hasLogAxis, logQuery } from '../../../page/api/log-query.ts';
import { sendQuery } from '../../../page/api/send-query.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { go } from '../../../page/browser/router.ts';
import { useKeys } from '../../../page/browser/use-keys.ts';
import { useTitle } from '../../../page/browser/use-title.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { Stale } from '../../../page/components/states/stale.tsx';
import type { QueryPlace } from '../query-place.ts';
import { QUERY_PARAMS, readQueryPlace, writeQueryPlace } from '../query-place.ts';
import { Builder } from './builder.tsx';
import type { FieldInfo } from './clauses/fields.ts';
import { namedFields, unknownFields, withCalculated } from './clauses/fields.ts';
import { readFields, useFieldUse } from './clauses/use-completion.ts';
import { queryInWords } from './describe.ts';
import { remember } from './history.ts';
import { NoMatch } from './results/no-match.tsx';
import { Results } from './results/results.tsx';
import type { QueryDraft } from './shown-query.ts';
import { QueryToolbar } from './toolbar.tsx';

const NO_FIELDS: readonly FieldInfo[] = [];

/** Ask: the builder, and the answer to the query in the URL. */
export default function QueryView({ place: at }: ViewProps) {
  const place = useMemo(() => readQueryPlace(at), [at]);
  const { dataset, query, log, total } = place;
  const asked = JSON.stringify([dataset, query]);
  const [draft, setDraft, latest] = useDraft({ dataset, query }, asked);

  const runs = useRef(0);
  const run = useLoad(
    async (signal) => {
      // Nothing asks with unknown fields, because the refusal would look like a fault.
      const { fields, mayHaveMore } = await readFields(signal);
      const unknown = !mayHaveMore && unknownFields(namedFields(query), query, fields).length > 0;
      const isLog = log ?? hasLogAxis(query);
      const sent = isLog ? logQuery(query) : query;
      const data = unknown ? undefined : await sendQuery(dataset, sent, { signal, total });
      if (at.params.query !== undefined) remember({ dataset, query, at: Date.now() });
      runs.current += 1;
      return { data, fields, dataset, query, asked, log: isLog, turn: runs.current };
    },
    [asked, log, total],
  );
  useViewTools({ refresh: run.reload });
  // A run may bring new fields or services. For the first run they are read anyway.
  const turn = run.value?.turn ?? 1;
  const stored = useFieldUse(run.value?.fields ?? NO_FIELDS, turn);
  const fields = useMemo(() => withCalculated(stored, draft.query), [stored, draft.query]);
  const { value: datasets = [] } = useLoad(
    async (signal) => (await getJson<{ name: string }[]>('/1/datasets', signal)).map(({ name }) => name),
    [turn],
  );
  const ask = (changed = latest.current.query, of = latest.current.dataset) => {
    const next = JSON.stringify([of, changed]);
    setDraft({ dataset: of, query: changed }, next);
    if (next === asked) run.reload();
    go(writeQueryPlace({ ...withoutBox(place), dataset: of, query: changed }));
  };
  const change = (changed: QuerySpecInput, of = latest.current.dataset) =>
    setDraft({ dataset: of, query: changed });
  const written: QueryDraft = { ...draft, fields, ask, change };
  const show = (changes: Partial<QueryPlace>) =>
    go(writeQueryPlace({ ...place, ...changes }), { replace: true });
  useKeys({ '/': () => document.querySelector<HTMLElement>('[data-clause="WHERE"]')?.focus() });
  // During a run, the last answer stays with its own query.
  const last = run.value;
  const answered =
    last?.asked === asked
      ? place
      : last && { ...withoutBox(place), dataset: last.dataset, query: last.query };
  const failed = run.busy ? undefined : run.error;
  const nothing = last !== undefined && isEmpty(last.data);
  const title = `Query: ${queryInWords(query)}${dataset === '__all__' ? '' : ` in ${dataset}`}`;
  useTitle(title);
  return (
    <div class="cards">
      <h1 class="visually-hidden">{title}</h1>
      <Builder draft={written} datasets={datasets}>
        <QueryToolbar draft={written} run={run} />
      </Builder>
      {place.problem !== undefined && <p role="alert">{place.problem}</p>}
      {failed !== undefined && <ErrorState error={failed} onRetry={run.reload} isAll={last === undefined} />}
      {last?.data?.notes?.map((note) => (
        <p key={note} role="status">
          {note}
        </p>
      ))}
      {nothing && (
        <NoMatch
          onSpans={run.reload}
          dataset={last.dataset}
          query={last.query}
          fields={last.fields}
          onQuery={ask}
        />
      )}
      {!run.busy && last === undefined && failed === undefined && (
        <EmptyState title="Cancelled">
          <p>A shorter time range, or fewer groups, answer faster.</p>
        </EmptyState>
      )}
      {!nothing && last?.data !== undefined && answered !== undefined && (
        <Stale load={run}>
          <Results shown={{ place: answered, fields, ask, show }} log={last.log} data={last.data} />
        </Stale>
      )}
    </div>
  );
}
QueryView.params = () => QUERY_PARAMS;

/** The query in the builder. Each new query in the URL replaces it. The ref is current even before the next render. */
function useDraft(initial: Pick<QueryDraft, 'dataset' | 'query'>, asked: string) {
  const [written, setWritten] = useState({ since: asked, draft: initial });
  const draft = written.since === asked ? written.draft : initial;
  const latest = useRef(draft);
  latest.current = draft;
  const setDraft = (changed: typeof initial, since = asked) => {
    latest.current = changed;
    setWritten({ since, draft: changed });
  };
  return [draft, setDraft, latest] as const;
}

/** The present place for another query, without the selection in the result. */
function withoutBox({ box: _, problem: _problem, ...place }: QueryPlace): QueryPlace {
  return { ...place, panel: place.panel === 'rows' ? 'rows' : 'results' };
}

/** Whether an answer has no events: no points, and no value besides 0. */
function isEmpty(data: QueryData | undefined): boolean {
  if (data === undefined) return true;
  const values = data.results.flatMap((row) => Object.values(row.data));
  const numbers = values.flatMap((value) =>
    value !== null && typeof value === 'object' ? value.counts : value,
  );
  return data.series.length === 0 && numbers.every((value) => value === null || value === 0);
}
