import type { Range } from '../../../core/places/range.ts';
import { visibleName } from '../../../core/shared/harmless-text.ts';
import { formatCount } from '../../../core/shared/words.ts';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { PagedTable } from '../../../page/components/paged-table.tsx';
import { causePlace } from '../../causes/page/causes/cause-words.ts';
import type { Section } from '../sampling-sections.ts';
import { sectionsOf, summaryOf } from '../sampling-sections.ts';
import type { SamplingReport } from '../server/schemas.ts';

/** The kept and lost traffic of the suggested rules, causes first, and the files. */
export function Tried({ report, range }: { report: SamplingReport; range: Range }) {
  const { suggestion, trials } = report;
  return (
    <div class="column">
      <Part section={summaryOf(report)} range={range} />
      {suggestion && (
        <section aria-label="Files">
          {FILES.map(([key, name, product], at) => (
            <details key={key} class="verify-rule">
              <summary>
                <code>{name}</code> for {product}: {formatCount(trials.at(at - 2)?.kept.events_month ?? 0)}{' '}
                events a month
              </summary>
              <CopyButton
                text={() => suggestion[key]}
                label={`Copy ${name}`}
                about={`Copy ${name} for ${product}`}
              />
              <div class="start-snippet">
                <pre>{suggestion[key]}</pre>
              </div>
            </details>
          ))}
        </section>
      )}
      {/* Both files keep the same classes, at nearly the same rates. */}
      {trials
        .slice(0, 1)
        .flatMap(sectionsOf)
        .map((section) => (
          <Part key={section.title} section={section} range={range} />
        ))}
    </div>
  );
}

const FILES = [
  ['collector', 'collector.yaml', 'the Collector'],
  ['refinery', 'refinery.yaml', 'Refinery'],
] as const;

function Part({ section: { title, sentences, columns, rows }, range }: { section: Section; range: Range }) {
  return (
    <section>
      <h2>{title}</h2>
      <p class="muted">{sentences.join(' ')}</p>
      {rows.length > 0 && (
        <PagedTable
          caption={title}
          columns={columns.map((name, at) => ({
            key: name,
            title: name,
            numeric: rows.every(({ cells }) => /^\d/u.test(cells[at] ?? '')),
            cell({ cells, cause }: Section['rows'][number]) {
              const text = <bdi>{visibleName(cells[at] ?? '')}</bdi>;
              if (cause === undefined || at < cells.length - 1) return text;
              return <Link to={causePlace(cause, range)}>{text}</Link>;
            },
          }))}
          rows={rows}
          keyOf={({ cells }) => cells.join()}
        />
      )}
    </section>
  );
}
