/** The least probability that the 56 random bits of a trace id can express, except none at all. */
export const MIN_PROBABILITY = 2 ** -56;

/** Sampling probabilities, 0 to 1: one for all, others for single routes. */
export interface Rates {
  readonly standard: number;
  /** By `METHOD /route` or `/route`, as in span names. */
  readonly routes: ReadonlyMap<string, number>;
}

/** The last equals sign separates: a route may contain one. */
const ROUTE_RATE = /^((?:[A-Z]+ )?\/.*?)\s*=\s*([^=]*)$/;

/**
 * Reads rates as `0.1;GET /orders=0.01;/orders/:id=1`: a probability for all traces, then for single routes, with a
 * method or for every method. A route is written as in the span's name. Undefined for what cannot be read.
 */
export function readRates(text: string): Rates | undefined {
  const [first = '', ...rest] = text.split(';').map((part) => part.trim());
  const routes = new Map<string, number>();
  for (const part of rest.filter((each) => each !== '')) {
    const [, route = '', rate = ''] = ROUTE_RATE.exec(part) ?? [];
    if (route === '' || !isProbability(rate)) return undefined;
    routes.set(route, Number(rate));
  }
  return isProbability(first) ? { standard: Number(first), routes } : undefined;
}

function isProbability(text: string): boolean {
  const value = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return value === 0 || (value >= MIN_PROBABILITY && value <= 1);
}
