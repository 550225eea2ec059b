import { useRef, useState } from 'preact/hooks';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { slugOf } from '../../../../core/shared/words.ts';
import { formTexts } from '../../../../page/components/overlays/form-dialog.tsx';
import { queryInWords } from '../describe.ts';
import { useSave } from './use-save.ts';

/** Asks for a name below the bar, and saves the query as a file of that name. */
export default function SaveQuery({ query, onDone }: { query: QuerySpecInput; onDone: () => void }) {
  const [open, setOpen] = useState(true);
  const [said, save] = useSave(onDone);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    // The focus would be lost with the input.
    button.current?.focus();
    setOpen(false);
  };
  return (
    <form
      class="line"
      onKeyDown={({ key }) => key === 'Escape' && close()}
      onSubmit={(event) => {
        const { name } = formTexts(event);
        if (name === undefined) return setOpen(true);
        const slug = slugFor(name);
        const path = `/api/saved/queries/${encodeURIComponent(slug)}`;
        void save(path, `queries/${slug}.json`, { query }).then((saved) => saved && close());
      }}
    >
      {open && (
        <div class="below-bar placed over">
          <input
            ref={focus}
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
        </div>
      )}
      <button ref={button} type="submit">
        Save
      </button>
      <span role="status">{said}</span>
    </form>
  );
}

/** The query's own words are marked, so that typed words replace them. */
function focus(input: HTMLInputElement | null): void {
  input?.select();
}

/** A file name for a name: `slow-routes-p90` for `Slow routes, P90`. */
function slugFor(name: string): string {
  return slugOf(name)
    .replace(/[^a-z0-9]+/gu, '-')
    .replace(/^-+|-+$/gu, '')
    .slice(0, 80);
}
