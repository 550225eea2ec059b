import type { RowScope } from '../../../core/query/build/scope.ts';
import { SCOPES, scopeOf, withScope } from '../../../core/query/build/scope.ts';
import { TimeRange } from '../../../page/components/times/time-range.tsx';
import { queryInWords } from './describe.ts';
import type { QueryDraft } from './shown-query.ts';

export interface AskLineProps {
  readonly draft: QueryDraft;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** The whole query in one line: calculations, rows and time. The clauses unfold below it. */
export function AskLine({ draft, open, onToggle }: AskLineProps) {
  const { dataset, query, ask } = draft;
  const scope = scopeOf(query);
  const canChange = withScope(query, 'rows') !== undefined;
  return (
    <div class="ask-line line">
      <button
        type="button"
        class="ask-query ellipsis"
        aria-expanded={open}
        aria-controls="builder"
        aria-keyshortcuts="/"
        title="Edit the query (/)"
        onClick={onToggle}
      >
        <span aria-hidden="true">{open ? '▾' : '▸'}</span>{' '}
        <span class="visually-hidden">Edit the query: </span>
        <span class="mono">
          {queryInWords(query)}
          {dataset !== '__all__' && ` in ${dataset}`}
        </span>
      </button>
      <select
        aria-label="Rows to look at"
        value={scope}
        disabled={!canChange}
        title={canChange ? undefined : 'Conditions are joined by OR: write this one into WHERE'}
        onChange={({ currentTarget: { value } }) => {
          const changed = withScope(query, value as RowScope);
          if (changed !== undefined) ask(changed);
        }}
      >
        {Object.entries(SCOPES).map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </select>
      <TimeRange query={query} onChange={(changed) => ask(changed)} />
    </div>
  );
}
