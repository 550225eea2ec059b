import type { Arrivals } from '../../fastify/server-span.ts';
import { renderFamily } from './render-family.ts';

const ARRIVALS = {
  name: 'tandem_request_arrivals_total',
  type: 'counter',
  help: 'Traced requests by what their caller says about sampling; unsampled ones make no spans.',
} as const;

/** Requests by their caller's sampling, in Prometheus' text format. */
export function renderArrivals({ none, sampled, unsampled }: Readonly<Arrivals>): string {
  return renderFamily(ARRIVALS, [
    [{ parent: 'none' }, none],
    [{ parent: 'sampled' }, sampled],
    [{ parent: 'unsampled' }, unsampled],
  ]);
}
