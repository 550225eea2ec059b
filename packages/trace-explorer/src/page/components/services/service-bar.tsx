import { formatDuration, formatShare } from '../../format.ts';
import { useServiceColor } from './service-colors.ts';

export interface ServiceShare {
  readonly name: string;
  /** Time in the service's spans without their children's, milliseconds. */
  readonly self_ms: number;
}

/** Services with a stretch of their own: more, or shorter ones, could not be told apart. */
const MAX_PARTS = 6;
const MIN_SHARE = 0.04;

/** Which services a trace's time was spent in, as a bar in their colours: most time first. */
export function ServiceBar({ services }: { services: readonly ServiceShare[] }) {
  const colorOf = useServiceColor();
  const parts = servicePartsOf(services);
  const text = parts
    .map(({ name, self_ms, share }) => `${name} ${formatDuration(self_ms)} (${formatShare(share)})`)
    .join(', ');
  return (
    <span class="service-bar" role="img" aria-label={`Own time by service: ${text}`} title={text}>
      {parts.map(({ name, share, others }) => (
        <span
          key={name}
          class={others ? 'others' : undefined}
          style={{ flexGrow: share, ...(!others && { background: colorOf(name) }) }}
        />
      ))}
    </span>
  );
}

/** The services with most time of their own, then all others as one; shares of 0 to 1. */
function servicePartsOf(services: readonly ServiceShare[]) {
  const all = services.reduce((sum, { self_ms }) => sum + self_ms, 0);
  const share = (self_ms: number) => (all > 0 ? self_ms / all : 1 / services.length);
  const sorted = services.toSorted((a, b) => b.self_ms - a.self_ms);
  const large = sorted.slice(0, MAX_PARTS).filter(({ self_ms }) => share(self_ms) >= MIN_SHARE);
  // A single one is named, however short it is.
  const shown = large.length + 1 === sorted.length ? sorted : large;
  const rest = sorted.slice(shown.length);
  const parts = shown.map(({ name, self_ms }) => ({ name, self_ms, share: share(self_ms), others: false }));
  if (rest.length === 0) return parts;
  const self_ms = rest.reduce((sum, each) => sum + each.self_ms, 0);
  return [...parts, { name: `${rest.length} others`, self_ms, share: share(self_ms), others: true }];
}
