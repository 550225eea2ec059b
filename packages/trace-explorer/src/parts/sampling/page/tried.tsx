import type { Range } from '../../../core/places/range.ts';
import { SectionCard } from '../../../page/components/cards/section-card.tsx';
import { Disclosure } from '../../../page/components/disclosure.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Meter } from '../../../page/components/meter.tsx';
import { counted, formatCount, formatShare } from '../../../page/values/format.ts';
import { sectionsOf, summaryOf } from '../sampling-sections.ts';
import type { SamplingReport } from '../server/schemas.ts';

/** The kept and lost traffic of the suggested rules, causes first, and the files. */
export function Tried({ report, range }: { report: SamplingReport; range: Range }) {
  const { suggestion, trials } = report;
  const [first] = trials;
  const { events: all } = report.all;
  const kept = first?.kept.events ?? 0;
  const share = all === 0 ? 0 : kept / all;
  return (
    <div class="cards">
      <SectionCard section={summaryOf(report)}>
        {first !== undefined && (
          <figure class="column inset">
            <Meter share={share} color="var(--accent)" />
            <figcaption class="line">
              <span>
                <b>{formatShare(share)}</b> kept: {counted(Math.round(kept), 'event')}
              </span>
              <span class="at-end muted">
                lost: {formatCount(Math.round(all - kept))} of {formatCount(all)}
              </span>
            </figcaption>
          </figure>
        )}
      </SectionCard>
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
      {first && sectionsOf(first, range).map((each) => <SectionCard key={each.title} section={each} />)}
    </div>
  );
}

const FILES = [
  ['collector', 'collector.yaml', 'the Collector'],
  ['refinery', 'refinery.yaml', 'Refinery'],
] as const;
