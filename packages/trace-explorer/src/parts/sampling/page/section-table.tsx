import type { ComponentChildren } from 'preact';
import type { Row, Section } from '../../../core/places/section.ts';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { Link } from '../../../page/components/link.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';

/** A section of an answer as a table. `children` stand between sentences and rows. */
export function SectionTable({ section, children }: { section: Section; children?: ComponentChildren }) {
  const { title, sentences, columns = [], rows } = section;
  return (
    <Card
      title={title}
      tools={sentences.length > 0 && <p class="meta whole">{sentences.join(' ')}</p>}
      isTable
    >
      {children}
      {rows.length > 0 && (
        <ListedTable
          caption={title}
          columns={columns.map((name, at) => ({
            key: name,
            title: name,
            numeric: rows.every(({ cells }) => /^\d/u.test(cells[at] ?? '')),
            cell({ cells, place }: Row) {
              // The last cell, the longest one, leads to what shows the row.
              const text = <bdi>{visibleName(cells[at] ?? '')}</bdi>;
              return place === undefined || at < cells.length - 1 ? text : <Link to={place}>{text}</Link>;
            },
          }))}
          rows={rows}
          keyOf={({ cells }) => cells.join()}
        />
      )}
    </Card>
  );
}
