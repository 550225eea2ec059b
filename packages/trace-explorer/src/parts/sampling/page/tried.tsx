import { useState } from 'preact/hooks';
import type { Range } from '../../../core/places/range.ts';
import { Disclosure } from '../../../page/components/disclosure.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Segmented } from '../../../page/components/inputs/segmented.tsx';
import { Meter } from '../../../page/components/meter.tsx';
import { counted, formatCount, formatShare } from '../../../page/values/format.ts';
import { sectionsOf, shortSummaryOf } from '../sampling-sections.ts';
import type { SamplingReport } from '../server/schemas.ts';
import { SectionTable } from './section-table.tsx';

/** The kept and lost traffic of the suggested rules, causes first, and the file of the chosen product. */
export function Tried({ report, range }: { report: SamplingReport; range: Range }) {
  const { suggestion, trials } = report;
  const [key, setKey] = useState<(typeof FILES)[number][0]>('collector');
  const at = FILES.findIndex(([each]) => each === key);
  const [, name] = FILES[at] ?? FILES[0];
  const [first] = trials;
  const { events: all } = report.all;
  const kept = first?.kept.events ?? 0;
  const share = all === 0 ? 0 : kept / all;
  return (
    <div class="cards">
      <SectionTable section={shortSummaryOf(report)}>
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
      </SectionTable>
      {suggestion && (
        <section class="card inset" aria-label="Files">
          <div class="line">
            <Segmented
              label="For"
              value={key}
              choices={FILES.map(([each, , product]) => [each, product] as const)}
              onChoose={setKey}
            />
            <span class="muted">{formatCount(trials.at(at - 2)?.kept.events_month ?? 0)} events a month</span>
          </div>
          <Disclosure label={<code>{name}</code>}>
            <CopyButton text={() => suggestion[key]} label={`Copy ${name}`} about={`Copy ${name}`} />
            <pre class="said">{suggestion[key]}</pre>
          </Disclosure>
        </section>
      )}
      {/* Both files keep the same classes, at nearly the same rates. */}
      {first && sectionsOf(first, range).map((each) => <SectionTable key={each.title} section={each} />)}
    </div>
  );
}

const FILES = [
  ['collector', 'collector.yaml', 'Collector'],
  ['refinery', 'refinery.yaml', 'Refinery'],
] as const;
