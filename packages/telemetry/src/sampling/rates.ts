import type { Attributes } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import { quote } from '@tandem/durable-export/secrets';
import { isProbability } from '../settings/kinds.ts';

/** Sampling probabilities, 0 to 1: one for all traces, others for single routes. */
export interface Rates {
  readonly standard: number;
  /** By `METHOD /route` or `/route`, as in span names. */
  readonly routes: ReadonlyMap<string, number>;
}

/** The last equals sign separates, because a route may contain an equals sign. */
const ROUTE_RATE = /^((?:[A-Z]+ )?\/.*?)\s*=\s*([^=]*)$/;

/**
 * Reads rates such as `0.1;GET /orders=0.01;/orders/:id=1`: a probability for all traces, then probabilities for single
 * routes, with a method or for every method. A route reads as in the span's name. A malformed rate of a route is left out
 * with a diagnostic.
 *
 * @throws RangeError when the probability for all traces is not a number from 0 to 1
 */
export function readRates(text: string): Rates {
  const [first = '', ...rest] = text.split(';').map((part) => part.trim());
  if (!isProbability(first))
    throw new RangeError(
      `Rates must begin with a number from 0 to 1, as in 0.1;GET /orders=0.01, not ${quote(first)}.`,
    );
  const routes = new Map<string, number>();
  for (const part of rest.filter((each) => each !== '')) {
    const [, route = '', rate = ''] = ROUTE_RATE.exec(part) ?? [];
    if (isProbability(rate)) routes.set(route, Number(rate));
    else
      diag.warn(
        `A sampling rate must be a route and a number, as GET /orders=0.01, not ${quote(part)}. It is left out.`,
      );
  }
  return { standard: Number(first), routes };
}

/** The probability for a span that starts with this name and these attributes. */
export function rateOf({ standard, routes }: Rates, spanName: string, attributes: Attributes): number {
  if (routes.size === 0) return standard;
  const byName = routes.get(spanName) ?? routes.get(spanName.slice(spanName.indexOf(' ') + 1));
  if (byName !== undefined) return byName;
  // A span may get its final name after its start. The route is an attribute from the start.
  const route = attributes['http.route'];
  if (typeof route !== 'string') return standard;
  const method = attributes['http.request.method'];
  return routes.get(`${method} ${route}`) ?? routes.get(route) ?? standard;
}
