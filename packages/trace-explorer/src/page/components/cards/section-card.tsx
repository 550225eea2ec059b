import type { Measured, Section } from '../../../core/places/section.ts';
import { measuredText } from '../../../core/places/section.ts';
import { formatCount } from '../../values/format.ts';
import type { IconName } from '../icon.tsx';
import { Icon } from '../icon.tsx';
import { Link } from '../link.tsx';
import { Meter } from '../meter.tsx';
import { Card } from './card.tsx';

/** A section of an answer without columns: its rows lead to what shows them. */
export function SectionCard({ section: { title, news, sentences, rows } }: { section: Section }) {
  return (
    <Card
      title={title}
      about={formatCount(rows.length)}
      tools={sentences.length > 0 && <p class="meta whole">{sentences.join(' ')}</p>}
    >
      <RowList rows={rows} news={news} />
    </Card>
  );
}

/** As wide in every row, so that bars begin and end below each other. */
const MEASURED = { '--columns': '44px minmax(0, 1fr) minmax(56px, auto)' };
const COLUMNS = { '--columns': '16px minmax(0, 1fr) 250px minmax(64px, auto) 16px' };
/** Without figures the text has their room. */
const WITHOUT = { '--columns': '16px minmax(0, 1fr) 16px' };

function RowList({ rows, news }: Pick<Section, 'rows' | 'news'>) {
  const figures = rows.flatMap(({ measured }) => [measured?.before ?? 0, measured?.now ?? 0]);
  const longest = Math.max(...figures) || 1;
  const isMeasured = rows.some(({ measured }) => measured !== undefined);
  return (
    <ul class="rows" style={isMeasured ? COLUMNS : WITHOUT}>
      {rows.map(({ cells, details = [], measured, place }, i) => {
        const before = measured?.before;
        const isBad = news === 'bad' || (before !== undefined && before < (measured?.now ?? 0));
        const text = cells.join(': ');
        const about = details.join(' · ');
        return (
          <li key={i}>
            <span class={isBad ? 'wide-only error-text' : 'wide-only faint'}>
              <Icon name={iconOf(measured, isBad, news)} />
            </span>
            <div class="row-text">
              {place === undefined ? (
                text
              ) : (
                <Link isRow class="row-link quiet strong ellipsis" to={place} title={text}>
                  {text}
                </Link>
              )}
              {about !== '' && (
                <span class="meta ellipsis" title={about}>
                  {about}
                </span>
              )}
            </div>
            {isMeasured && (
              <>
                <div class="wide-only">{measured && bars(measured, longest, isBad)}</div>
                <span class={isBad ? 'numeric strong error-text' : 'numeric strong'}>
                  {measured && changeText(measured)}
                </span>
              </>
            )}
            <Icon name="chevron-right" />
          </li>
        );
      })}
    </ul>
  );
}

function iconOf(measured: Measured | undefined, isBad: boolean, news: Section['news']): IconName {
  if (measured !== undefined) return measured.unit === 'ms' ? 'clock' : 'flow';
  return isBad ? 'error' : news === 'good' ? 'check' : 'branch';
}

/** How many times as much: `× 8`; without a figure before, the present one. */
function changeText({ before, now, unit }: Measured): string {
  if (before === undefined) return measuredText(now, unit);
  return before === 0 ? 'new' : now === 0 ? 'gone' : `× ${Number((now / before).toPrecision(2))}`;
}

/** Bars below each other; without a figure before, the present one and its own part. */
function bars({ before, now, own = 0, unit }: Measured, longest: number, isBad: boolean) {
  const shareOf = (value: number) => value / longest;
  if (before === undefined)
    return (
      <div style={{ width: `${100 * shareOf(now)}%` }}>
        <Meter share={own / (now || 1)} />
      </div>
    );
  return (
    <span class="parts meta whole" style={MEASURED}>
      <span class="faint">before</span>
      <Meter share={shareOf(before)} />
      <span class="numeric">{measuredText(before, unit)}</span>
      <span class="faint">now</span>
      <Meter share={shareOf(now)} color={isBad ? 'var(--err)' : undefined} />
      <span class="numeric strong">{measuredText(now, unit)}</span>
    </span>
  );
}
