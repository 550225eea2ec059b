import { readyMadeQueries } from '../../../../core/query/build/ready-made.ts';
import type { Load } from '../../../../page/api/use-load.ts';
import type { MenuItem } from '../../../../page/components/overlays/menu.tsx';
import { MenuItems } from '../../../../page/components/overlays/menu.tsx';
import { formatAgo } from '../../../../page/values/format.ts';
import type { SavedList } from '../../server/saved-queries/routes.ts';
import { queryInWords } from '../describe.ts';
import { readHistory } from '../history.ts';
import type { QueryDraft } from '../shown-query.ts';
import { SaveQuery } from './save-query.tsx';
import { withoutSavedFields } from './saved-fields.ts';

interface SavedMenuProps {
  readonly draft: QueryDraft;
  readonly saved: Load<SavedList>;
  readonly close: () => void;
  /** Opens the dialog that deletes queries, and saves fields. */
  readonly onManage: () => void;
}

/** Saves the query; below, the saved queries, the ready-made ones, and those that this browser asked last. */
export default function SavedMenu({ draft, saved, close, onManage }: SavedMenuProps) {
  const { query, ask } = draft;
  const mine = saved.value?.queries ?? [];
  const queries = [
    ...mine.map(({ slug, name, description, query }) => {
      const about = `saved · ${description || queryInWords(query)}`;
      return { key: `saved ${slug}`, title: name, about, query };
    }),
    ...readyMadeQueries,
  ];
  const items: MenuItem[] = [
    ...queries.map(({ key, title, about, query }) => ({
      key,
      label: <TwoLines first={title} second={about} />,
      onSelect: () => ask(query, '__all__'),
    })),
    {
      key: 'saved',
      label: 'Saved queries and fields …',
      begins: true,
      onSelect: onManage,
    },
    ...readHistory().map((past, index) => ({
      key: `${past.at}`,
      label: (
        <TwoLines
          first={queryInWords(past.query)}
          second={`asked ${formatAgo(past.at)}${past.dataset === '__all__' ? '' : ` · ${past.dataset}`}`}
        />
      ),
      begins: index === 0,
      onSelect: () => ask(past.query, past.dataset),
    })),
  ];
  return (
    <>
      <SaveQuery
        query={withoutSavedFields(query, saved.value?.calculated_fields ?? [])}
        onDone={saved.reload}
      />
      <div role="menu" aria-label="Saved queries">
        <MenuItems close={close} items={items} />
      </div>
    </>
  );
}

function TwoLines({ first, second }: { first: string; second: string }) {
  return (
    <span class="block">
      {first}
      <span class="meta block ellipsis">{second}</span>
    </span>
  );
}
