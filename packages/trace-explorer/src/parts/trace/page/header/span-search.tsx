import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { SearchField } from '../../../../page/components/inputs/search-field.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import { useIsNarrow } from '../layout/use-is-narrow.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { Toggle } from './toggle.tsx';

/** Searches names and values; with matches, steps through them. It stands at the head of the names. */
export function SpanSearch({ shown }: { shown: ShownTrace }) {
  const { state, found, change } = shown;
  return (
    <search
      class={found === undefined ? 'span-search field grow' : 'span-search field whole'}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
        event.preventDefault();
        shown.stepMatches(event.shiftKey ? -1 : 1);
      }}
    >
      <SearchField
        label="Search spans"
        placeholder={useIsNarrow() ? 'Search' : 'Search names and values'}
        keys="/"
        value={state.search}
        onValue={(search) => change({ search })}
      />
      <span role="status" class="muted match-count">
        {found !== undefined && matchText(found.length, found.indexOf(shown.selected) + 1)}
      </span>
      {found !== undefined && (
        <>
          <IconButton
            icon="arrow-up"
            label="Previous match"
            disabled={found.length === 0}
            onPress={() => shown.stepMatches(-1)}
          />
          <IconButton
            icon="arrow-down"
            label="Next match"
            disabled={found.length === 0}
            onPress={() => shown.stepMatches(1)}
          />
        </>
      )}
      {(found !== undefined || state.onlyMatches) && (
        <Toggle label="Only matches" on={state.onlyMatches} onToggle={(on) => change({ onlyMatches: on })} />
      )}
    </search>
  );
}

function matchText(matches: number, match: number): string {
  if (matches === 0) return 'nothing found';
  return match === 0 ? `${formatCount(matches)} found` : `${formatCount(match)} of ${formatCount(matches)}`;
}
