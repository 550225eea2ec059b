import type { Attributes } from '@opentelemetry/api';
import { quote } from '../secrets.ts';

/** The least probability that the 56 random bits of a trace id can express, except none at all. */
export const MIN_PROBABILITY = 2 ** -56;

/** Sampling probabilities: one for all, others for single routes. */
export interface Rates {
  /** For everything without a rate of its own, 0 to 1. */
  readonly standard: number;
  /** By `METHOD /route` or `/route`, as in span names. */
  readonly routes: ReadonlyMap<string, number>;
  /** The probability for a span that starts with this name and these attributes. */
  of(spanName: string, attributes: Attributes): number;
  toString(): string;
}

/**
 * Reads rates as `0.1;GET /orders=0.01;/orders/:id=1`: a probability from 0 to 1 for all
 * traces, then for single routes, with a method or for every method. A route is written as in the span's name.
 *
 * @throws RangeError with what is wrong, to be put behind the variable's name
 */
export function parseRates(text: string): Rates {
  const [first = '', ...rest] = text.split(';').map((part) => part.trim());
  const standard = probabilityOf(first);
  const routes = new Map<string, number>();
  for (const part of rest) {
    if (part === '') continue;
    const [, route = '', rate = ''] = ROUTE_RATE.exec(part) ?? [];
    if (route === '') {
      throw new RangeError(`must give routes as "GET /route=0.01" or "/route=0.01", not ${quote(part)}.`);
    }
    if (routes.has(route)) throw new RangeError(`names the route ${quote(route)} twice.`);
    routes.set(route, probabilityOf(rate));
  }
  return {
    standard,
    routes,
    of(spanName, attributes) {
      if (routes.size === 0) return standard;
      const byName = routes.get(spanName) ?? routes.get(spanName.slice(spanName.indexOf(' ') + 1));
      if (byName !== undefined) return byName;
      // A span may get its final name only after its start, when the route is an attribute already.
      const route = attributes['http.route'];
      if (typeof route !== 'string') return standard;
      const method = attributes['http.request.method'];
      return routes.get(`${method} ${route}`) ?? routes.get(route) ?? standard;
    },
    toString: () => text,
  };
}

/** @throws RangeError for anything but a number from 0 to 1 */
export function probabilityOf(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (value === 0 || (value >= MIN_PROBABILITY && value <= 1)) return value;
  throw new RangeError(`must be a number from 0 to 1, not ${quote(text)}.`);
}

/** The last equals sign separates: a route may contain one. */
const ROUTE_RATE = /^((?:[A-Z]+ )?\/.*?)\s*=\s*([^=]*)$/;
