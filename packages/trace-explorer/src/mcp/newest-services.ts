import type { Status } from '../status.ts';

/** The services that spans came of, those heard of last first. */
export function newestServices({ services }: Status): Status['services'] {
  return services.toSorted((a, b) => (a.last_seen < b.last_seen ? 1 : -1));
}
