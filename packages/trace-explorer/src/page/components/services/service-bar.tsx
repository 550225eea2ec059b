import { formatDuration, formatShare } from '../../values/format.ts';
import { useServiceColor } from './service-colors.ts';

export interface ServiceShare {
  readonly name: string;
  /** Time in the service's spans without their children's, milliseconds. */
  readonly self_ms: number;
}

/** Services with a stretch of their own. More would be thinner than a pixel. */
const MAX_PARTS = 60;

/** The services of a trace as a bar in their colours, by the time spent in them, the largest first. */
export function ServiceBar({ services }: { services: readonly ServiceShare[] }) {
  const colorOf = useServiceColor();
  const all = services.reduce((sum, { self_ms }) => sum + self_ms, 0);
  const parts = services
    .toSorted((a, b) => b.self_ms - a.self_ms)
    .slice(0, MAX_PARTS)
    .map(({ name, self_ms }) => ({ name, self_ms, share: all > 0 ? self_ms / all : 1 / services.length }));
  const text = parts
    .map(({ name, self_ms, share }) => `${name} ${formatDuration(self_ms)} (${formatShare(share)})`)
    .join(', ');
  return (
    <span class="service-bar" role="img" aria-label={`Self time by service: ${text}`} title={text}>
      {parts.map(({ name, share }) => (
        <span key={name} style={{ flexGrow: share, background: colorOf(name) }} />
      ))}
    </span>
  );
}
