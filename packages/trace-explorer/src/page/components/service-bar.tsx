import { formatDuration, formatShare } from '../format.ts';
import { useServiceColor } from './service-colors.tsx';

export interface ServiceShare {
  readonly name: string;
  /** Time in the service's spans without their children's, milliseconds. */
  readonly self_ms: number;
}

/** Services with a stretch of their own; more would be too short to see. */
const MAX_PARTS = 6;

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
  const sorted = services.toSorted((a, b) => b.self_ms - a.self_ms);
  const shown = sorted.slice(0, sorted.length === MAX_PARTS + 1 ? sorted.length : MAX_PARTS);
  const rest = sorted.slice(shown.length);
  const share = (self_ms: number) => (all > 0 ? self_ms / all : 1 / services.length);
  const parts = shown.map(({ name, self_ms }) => ({ name, self_ms, share: share(self_ms), others: false }));
  if (rest.length === 0) return parts;
  const self_ms = rest.reduce((sum, each) => sum + each.self_ms, 0);
  return [...parts, { name: `${rest.length} others`, self_ms, share: share(self_ms), others: true }];
}
