import type { RefObject } from 'preact';
import { Icon } from '../../../../page/components/icon.tsx';
import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { Toggle } from '../../../../page/components/inputs/toggle.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';

interface SpanSearchProps {
  readonly shown: ShownTrace;
  readonly searchBox: RefObject<HTMLInputElement | null>;
}

/** Searches names and values; with matches, steps through them. It stands at the head of the names. */
export function SpanSearch({ shown, searchBox }: SpanSearchProps) {
  const { state, found, change } = shown;
  const match = (by: 1 | -1) => shown.step(found ?? [], by);
  return (
    <search class={found === undefined ? 'span-search field grow' : 'span-search field whole'}>
      <Icon name="search" />
      <input
        ref={searchBox}
        type="search"
        placeholder="Search names and values"
        aria-label="Search spans"
        aria-keyshortcuts="/"
        value={state.search}
        onInput={(event) => change({ search: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          match(event.shiftKey ? -1 : 1);
        }}
      />
      {found === undefined && <kbd>/</kbd>}
      <span role="status" class="muted match-count">
        {found !== undefined && matchText(found.length, found.indexOf(shown.selected) + 1)}
      </span>
      {found !== undefined && (
        <>
          <IconButton
            icon="arrow-up"
            label="Previous match"
            disabled={found.length === 0}
            onPress={() => match(-1)}
          />
          <IconButton
            icon="arrow-down"
            label="Next match"
            disabled={found.length === 0}
            onPress={() => match(1)}
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
