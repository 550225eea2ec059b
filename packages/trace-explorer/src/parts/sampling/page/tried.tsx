import type { ComponentChildren } from 'preact';
import type { Range } from '../../../core/places/range.ts';
import { visibleName } from '../../../core/shared/harmless-text.ts';
import { formatCount } from '../../../core/shared/words.ts';
import { Card } from '../../../page/components/card.tsx';
import { Disclosure } from '../../../page/components/disclosure.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { Meter } from '../../../page/components/meter.tsx';
import { PagedTable } from '../../../page/components/paged-table.tsx';
import { formatShare } from '../../../page/values/format.ts';
import { causePlace } from '../../causes/page/causes/cause-words.ts';
import type { Section } from '../sampling-sections.ts';
import { sectionsOf, summaryOf } from '../sampling-sections.ts';
import type { SamplingReport } from '../server/schemas.ts';

/** The kept and lost traffic of the suggested rules, causes first, and the files. */
export function Tried({ report, range }: { report: SamplingReport; range: Range }) {
  const { suggestion, trials } = report;
  const [first] = trials;
  return (
    <div class="cards">
      <Part section={summaryOf(report)} range={range}>
        {first !== undefined && <Kept kept={first.kept.events} all={report.all.events} />}
      </Part>
      {suggestion && (
        <section class="card inset" aria-label="Files">
          {FILES.map(([key, name, product], at) => (
            <Disclosure
              key={key}
              label={
                <span>
                  <code>{name}</code> for {product}: {formatCount(trials.at(at - 2)?.kept.events_month ?? 0)}{' '}
                  events a month
                </span>
              }
            >
              <CopyButton
                text={() => suggestion[key]}
                label={`Copy ${name}`}
                about={`Copy ${name} for ${product}`}
              />
              <pre class="said">{suggestion[key]}</pre>
            </Disclosure>
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

/** The events of the range in one bar: the kept ones and the lost ones. */
function Kept({ kept, all }: { kept: number; all: number }) {
  const share = all === 0 ? 0 : kept / all;
  return (
    <figure class="column card-text">
      <Meter share={share} color="var(--accent)" />
      <figcaption class="line">
        <span>
          <b>{formatShare(share)}</b> kept: {formatCount(Math.round(kept))} events
        </span>
        <span class="grow" />
        <span class="muted">
          lost: {formatCount(Math.round(all - kept))} of {formatCount(all)}
        </span>
      </figcaption>
    </figure>
  );
}

interface PartProps {
  readonly section: Section;
  readonly range: Range;
  readonly children?: ComponentChildren;
}

function Part({ section: { title, sentences, columns, rows }, range, children }: PartProps) {
  return (
    <Card
      title={title}
      isTable
      tools={sentences.length > 0 && <p class="meta whole">{sentences.join(' ')}</p>}
    >
      {children}
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
    </Card>
  );
}
