import { counted } from '../../../../core/shared/words.ts';
import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { formatCount, formatDuration, formatShare } from '../../../../page/values/format.ts';
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
  const restTime = rest.reduce((sum, { self }) => sum + self, 0);
  const bar = (
    <>
      <span class="visually-hidden">Own time, by colour</span>
      {legend.slice(0, MOST).map(({ label, color, self }) => (
        <Part key={label} label={label} time={self} share={shareOf(self)} color={color} />
      ))}
      {rest.length > 0 && (
        <Part
          label={`${formatCount(rest.length)} more`}
          time={restTime}
          share={shareOf(restTime)}
          color="var(--cdb)"
        />
      )}
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
                title={`${label}: ${formatDuration(self / 1e6)} self time in ${formatCount(spans)} spans: none of their children ran then`}
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

/** A part of the bar. What does not fit beside its mark goes into a line below, which is cut off. */
function Part(props: { label: string; time: number; share: string; color: string }) {
  const { label, time, share, color } = props;
  const text = formatDuration(time / 1e6);
  return (
    <span
      class="own-part meta"
      style={{ flexGrow: Math.max(1, time), '--own': color }}
      title={`${label}: ${text}, ${share}`}
    >
      <span class="service-mark" />
      <bdi>{label}</bdi>
      <strong>{text}</strong>
      <span>{share}</span>
    </span>
  );
}
