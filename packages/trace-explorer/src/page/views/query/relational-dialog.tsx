import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import type { RelationalParts } from './relational.ts';

/** Why a link to Honeycomb cannot hold the whole query, what to add there by hand, and a link to the rest of it. */
export function RelationalDialog({
  parts: { where, groupBy },
  href,
  onClose,
}: {
  parts: RelationalParts;
  /** Of the query without its relational fields. */
  href: string;
  onClose: () => void;
}) {
  return (
    <Dialog title="Relational fields are not in Honeycomb’s links" onClose={onClose}>
      <p>
        Honeycomb has fields of other spans in its own query builder only: neither its API nor a link takes
        them. The link opens the rest of the query; add there:
      </p>
      <ul class="to-add">
        {[...where.map((text) => ['WHERE', text]), ...groupBy.map((text) => ['GROUP BY', text])].map(
          ([clause, text = '']) => (
            <li key={`${clause} ${text}`}>
              {clause} <code>{text}</code>{' '}
              <CopyButton text={() => text} label="Copy" about={`Copy ${text}`} />
            </li>
          ),
        )}
      </ul>
      <p class="choices">
        <a class="button primary" href={href} target="_blank" rel="noopener noreferrer" onClick={onClose}>
          Open the rest in Honeycomb
        </a>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </p>
    </Dialog>
  );
}
