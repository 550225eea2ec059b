import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { counted, formatCount, formatDuration, formatShare } from '../../../../page/values/format.ts';
import type { Coloring } from '../state/colors.ts';

const COLUMNS = { '--columns': 'minmax(0, 1fr) auto auto 6ch' };
/** Parts of the bar. One grey part stands for further ones. */
const MOST = 12;

/**
 * The own time of each service, or of each value of the field that decides the colours. It is also the legend of the colours:
 * a part says as much as it has room for, and a press lists all of them. One entry says nothing.
 */
export function SelfTimeLegend({ coloring: { legend, ofServices } }: { coloring: Coloring }) {
  if (legend.length < 2) return null;
  const total = legend.reduce((sum, { self }) => sum + self, 0) || 1;
  const shareOf = (self: number) => formatShare(Math.round((self / total) * 100) / 100);
  const rest = legend.slice(MOST);
  const further = {
    label: `${formatCount(rest.length)} more`,
    color: 'var(--cdb)',
    self: rest.reduce((sum, { self }) => sum + self, 0),
  };
  const bar = (
    <>
      <span class="visually-hidden">Own time, by colour</span>
      {[...legend.slice(0, MOST), ...(rest.length > 0 ? [further] : [])].map(({ label, color, self }) => {
        const text = formatDuration(self / 1e6);
        return (
          <span
            key={label}
            class="own-part meta"
            style={{ flexGrow: Math.max(1, self), '--own': color }}
            title={`${label}: ${text}, ${shareOf(self)}`}
          >
            <span class="service-mark" />
            <bdi>{label}</bdi>
            <strong>{text}</strong>
            <span>{shareOf(self)}</span>
          </span>
        );
      })}
    </>
  );
  return (
    <Popover label={bar} title="Own time, by colour" button="plain strip whole">
      {() => (
        <>
          <p class="muted">What spans took while none of their children ran</p>
          <ul class="trace-legend column" style={COLUMNS}>
            {legend.map(({ label, color, spans, errors, self }) => (
              <li
                key={label}
                class="parts"
                title={`${label}: ${formatDuration(self / 1e6)} self time in ${counted(spans, 'span')}: none of their children ran then`}
              >
                {ofServices ? (
                  <ServiceLink name={label} />
                ) : (
                  <span class="service-name">
                    <span class="service-mark" style={{ '--own': color }} aria-hidden="true" />
                    <bdi class="ellipsis">{label}</bdi>
                  </span>
                )}
                <span class="error-text">{errors > 0 && counted(errors, 'error')}</span>
                <strong>{formatDuration(self / 1e6)}</strong>
                <span class="muted numeric">{shareOf(self)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Popover>
  );
}
