import type { PlainSpan } from '../../spans.ts';
import { randomId } from '../../spans.ts';

/** A planted cause: its name, and how often, since when and on which routes it was planted. */
export interface Planted {
  traces: number;
  first: bigint;
  readonly routes: Set<string>;
}

const SERVICES = [
  ...['web', 'orders', 'cart', 'catalog', 'billing', 'ledger', 'stock', 'mail', 'users', 'search', 'ads'],
  'tax',
];
const ROUTES = ['GET /home', 'POST /orders', 'GET /orders/{id}', 'GET /cart', 'GET /search'];

const DATABASE = { 'db.system.name': 'postgresql' };

/** Milliseconds between requests. */
const APART = 1000;

/**
 * Requests of twelve services, with eight causes planted, each in every n-th request.
 * @param begin nanoseconds since the epoch
 */
export function plantedShop(begin: bigint, requests: number) {
  const spans: PlainSpan[] = [];
  const planted = new Map<string, Planted>();
  for (let i = 0; i < requests; i++) {
    const traceId = randomId(16);
    const route = ROUTES[i % ROUTES.length] ?? '';
    const start = begin + BigInt(i * APART) * 1_000_000n;
    const span = (
      service: string,
      name: string,
      kind: number,
      from: number,
      ms: number,
      more: Partial<PlainSpan> = {},
    ) => {
      const made = {
        traceId,
        spanId: randomId(8),
        service,
        name,
        kind,
        start: start + BigInt(from) * 1_000_000n,
        durationMs: ms,
        ...more,
      };
      spans.push(made);
      return made.spanId;
    };
    /** A call and the SERVER span that answers it. */
    const call = (
      from: string,
      above: string,
      to: string,
      name: string,
      at: number,
      ms: number,
      more: Partial<PlainSpan> = {},
    ) => {
      const client = span(from, name, 3, at, ms, { parentSpanId: above, ...more });
      return span(to, name, 2, at + 1, Math.max(1, ms - 2), { parentSpanId: client, ...more });
    };
    const plant = (name: string, at = 0) => {
      const since = start + BigInt(at) * 1_000_000n;
      const known = planted.get(name) ?? { traces: 0, first: since, routes: new Set<string>() };
      planted.set(name, known);
      known.traces += 1;
      known.routes.add(route);
    };
    const failed = (message: string, type = 'Error') => ({
      status: 2 as const,
      events: [{ name: 'exception', attributes: { 'exception.type': type, 'exception.message': message } }],
    });
    // Every service has a part in an ordinary request.
    const root = randomId(8);
    SERVICES.slice(1).forEach(
      (service, at) => void call('web', root, service, `GET /${service}`, 2 + 3 * at, 2),
    );
    let now = 40;
    const isOrder = i % 100 === 1;
    if (isOrder) {
      plant('order not found', now + 4);
      const orders = call('web', root, 'orders', 'POST /checkout', now, 40, failed(`503 after ${i} ms`));
      const billing = call('orders', orders, 'billing', 'POST /charge', now + 2, 30, { status: 2 });
      const error = failed(`order ${i} of user ${i % 7} not found`, 'NotFound');
      span('billing', 'load order', 1, now + 4, 5, { parentSpanId: billing, ...error });
      now += 40;
    }
    if (i % 50 === 2) {
      plant('file missing', now);
      const error = failed(`ENOENT: no such file '/srv/pictures/${i}.png'`);
      span('catalog', 'read picture', 1, now, 5, { parentSpanId: root, ...error });
      now += 5;
    }
    if (i % 25 === 3) {
      plant('slow ledger', now);
      span('billing', 'SELECT ledger', 3, now, 900, { parentSpanId: root, attributes: DATABASE });
      now += 900;
    }
    if (i % 40 === 4) {
      plant('loop', now);
      for (let n = 0; n < 8; n++, now += 12) {
        const attributes = { ...DATABASE, 'db.query.text': `SELECT * FROM items WHERE id = ${n}` };
        span('cart', 'SELECT items', 3, now, 10, { parentSpanId: root, attributes });
      }
    }
    if (i % 200 === 5) {
      plant('mail refused', now);
      const error = failed(`connect ECONNREFUSED 10.0.0.${i % 9}:25`);
      span('users', 'POST /send', 3, now, 20, { parentSpanId: root, ...error });
      now += 20;
    }
    if (i % 125 === 6) {
      plant('twice', now);
      const attributes = { 'url.full': `http://terms:80/terms?q=${i}` };
      for (let n = 0; n < 2; n++, now += 90)
        span('search', 'GET /terms', 3, now, 80, { parentSpanId: root, attributes });
    }
    if (i % 90 === 7) {
      plant('one after the other', now);
      const basket = span('web', 'price basket', 1, now, 184, { parentSpanId: root });
      for (let n = 0; n < 3; n++, now += 61) call('web', basket, 'tax', `GET /rates/${'abc'[n]}`, now, 60);
    }
    if (i % 60 === 8) {
      plant('tried again', now);
      for (let n = 0; n < 3; n++, now += 20) {
        const error = n < 2 ? failed(`no bid within ${5 + n} ms`, 'BidError') : {};
        const attributes = { 'url.full': 'http://bids/bid' };
        span('ads', 'POST /bid', 3, now, 15, { parentSpanId: root, attributes, ...error });
      }
    }
    const user = { 'user.id': `user-${i % 7}` };
    span('web', route, 2, 0, now + 5, {
      spanId: root,
      attributes: user,
      ...(isOrder && failed('upstream failed')),
    });
  }
  return { spans, planted };
}
