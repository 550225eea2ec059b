import type { Attributes } from '@opentelemetry/api';
import type { Rates } from '../settings/sampling-rates.ts';

/** The probability for a span that starts with this name and these attributes. */
export function rateOf({ standard, routes }: Rates, spanName: string, attributes: Attributes): number {
  if (routes.size === 0) return standard;
  const byName = routes.get(spanName) ?? routes.get(spanName.slice(spanName.indexOf(' ') + 1));
  if (byName !== undefined) return byName;
  // A span may get its final name only after its start, when the route is an attribute already.
  const route = attributes['http.route'];
  if (typeof route !== 'string') return standard;
  const method = attributes['http.request.method'];
  return routes.get(`${method} ${route}`) ?? routes.get(route) ?? standard;
}
