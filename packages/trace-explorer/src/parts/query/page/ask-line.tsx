import type { RowScope } from '../../../core/query/build/scope.ts';
import { SCOPES, scopeOf, withScope } from '../../../core/query/build/scope.ts';
import { Choose } from '../../../page/components/inputs/choose.tsx';
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
      <Choose
        label="Rows to look at"
        hidesLabel
        value={scope}
        choices={Object.entries(SCOPES)}
        isDisabled={!canChange}
        title={canChange ? undefined : 'Conditions are joined by OR: write this one into WHERE'}
        onChoose={(value) => {
          const changed = withScope(query, value as RowScope);
          if (changed !== undefined) ask(changed);
        }}
      />
    </div>
  );
}
