import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { slugOf } from '../../../../lib/text/words.ts';
import { formTexts } from '../../../../page/components/overlays/form-dialog.tsx';
import { hasPointer } from '../../../../page/components/overlays/popover.tsx';
import { queryInWords } from '../describe.ts';
import { useSave } from './use-save.ts';

/** Saves the query as a file of a name, above the list of those that are saved: an arrow key leads there. */
export function SaveQuery({ query, onDone }: { query: QuerySpecInput; onDone: () => void }) {
  const [said, save] = useSave(onDone);
  return (
    <form
      class="menu-label column"
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown') return;
        event.preventDefault();
        event.currentTarget.parentElement?.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
      }}
      onSubmit={(event) => {
        const { name } = formTexts(event);
        if (name === undefined) return;
        const slug = slugFor(name);
        void save(`/api/saved/queries/${encodeURIComponent(slug)}`, `queries/${slug}.json`, { query });
      }}
    >
      <span class="strip">
        <input
          ref={focus}
          data-first
          class="grow"
          name="name"
          aria-label="Name of the query"
          placeholder="name of the query"
          defaultValue={queryInWords(query)}
          required
          pattern=".*[A-Za-z0-9].*"
          title="The file has its name from it: at least one letter of A to Z, or a digit"
          maxLength={320}
          autocomplete="off"
        />
        <button type="submit">Save</button>
      </span>
      <span role="status" class="meta anywhere">
        {said}
      </span>
    </form>
  );
}

/** The query's own words are marked, so that typed words replace them. A focus by touch would open a keyboard over the list. */
function focus(input: HTMLInputElement | null): void {
  if (hasPointer()) input?.select();
}

/** A file name for a name: `slow-routes-p90` for `Slow routes, P90`. */
function slugFor(name: string): string {
  return slugOf(name)
    .replace(/[^a-z0-9]+/gu, '-')
    .replace(/^-+|-+$/gu, '')
    .slice(0, 80);
}
