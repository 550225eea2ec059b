import type { SpanRecord } from '../../../src/traces/read/span-record.ts';
import { client, server, span } from '../make-span.ts';

/** A trace with the rules that a person who knows the system would name. */
export interface LabelledTrace {
  readonly flag: string;
  readonly labels: readonly string[];
  readonly spans: readonly SpanRecord[];
}

/**
 * Traces in the shape of the OpenTelemetry demo, a shop of ten services: a page of the shop, a page of a product, the
 * cart and the checkout, as they are and with the faults that the demo's flags switch on. The same at every call.
 */
export function* labelledTraces(count: number): Generator<LabelledTrace> {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let i = 0; i < count; i++) {
    const flag = FLAGS[i % FLAGS.length] ?? 'none';
    const trace = new Trace(random, flag);
    if (i % 4 === 3) checkout(trace, 1 + Math.floor(random() * 10));
    else if (i % 4 === 2) cart(trace, 1 + Math.floor(random() * 6));
    else productPage(trace);
    yield { flag, labels: [...trace.labels].sort(), spans: trace.spans };
  }
}

/** Flags of the demo; most requests meet none. */
const FLAGS = [
  'none',
  'none',
  'none',
  'none',
  'adFailure',
  'none',
  'cartFailure',
  'paymentFailure',
  'none',
  'paymentUnreachable',
  'recommendationCacheFailure',
  'none',
  'imageSlowLoad',
  'none',
  'productCatalogFailure',
];

class Trace {
  readonly spans: SpanRecord[] = [];
  readonly labels = new Set<string>();
  readonly flag: string;
  readonly random: () => number;
  #last = 0;

  constructor(random: () => number, flag: string) {
    this.random = random;
    this.flag = flag;
  }

  id(): string {
    this.#last += 1;
    return `s${this.#last}`;
  }

  /** A gRPC call with its SERVER span. @returns when it ends, and the server's id */
  rpc(
    parent: string,
    [from, to]: readonly [string, string],
    name: string,
    at: number,
    took: number,
    more: object = {},
  ) {
    const [call, served] = [this.id(), this.id()];
    this.spans.push(client(call, parent, at, at + took, { name, service: from, ...more }));
    this.spans.push(server(served, call, at + 0.5, at + took - 0.5, { name, service: to, ...more }));
    return { end: at + took, served };
  }

  query(parent: string, service: string, name: string, at: number, took: number, call = 0) {
    this.spans.push(client(this.id(), parent, at, at + took, { name, service, database: true, call }));
  }

  some(least: number, most: number): number {
    return least + (most - least) * this.random();
  }
}

const failed = { error: true, statusCode: '13', problem: 'flag' };

function productPage(trace: Trace): void {
  const root = trace.id();
  const rest: SpanRecord[] = [];
  let at = 2;
  const isBroken = trace.flag === 'productCatalogFailure';
  if (isBroken) trace.labels.add('failed-request');
  at = trace.rpc(
    root,
    ['frontend', 'product-catalog'],
    'oteldemo.ProductCatalogService/GetProduct',
    at,
    trace.some(3, 12),
    isBroken ? failed : {},
  ).end;
  if (!isBroken) {
    at = trace.rpc(
      root,
      ['frontend', 'currency'],
      'oteldemo.CurrencyService/Convert',
      at,
      trace.some(2, 5),
    ).end;
    const hasCache = trace.flag !== 'recommendationCacheFailure';
    const recommended = trace.rpc(
      root,
      ['frontend', 'recommendation'],
      'oteldemo.RecommendationService/ListRecommendations',
      at,
      hasCache ? trace.some(5, 20) : 900,
    );
    const products = recommended.end - (hasCache ? 3 : 30);
    trace.rpc(
      recommended.served,
      ['recommendation', 'product-catalog'],
      'oteldemo.ProductCatalogService/ListProducts',
      products,
      2,
    );
    if (!hasCache) trace.labels.add('unexplained-time');
    at = recommended.end;
    const isAdBroken = trace.flag === 'adFailure';
    if (isAdBroken) trace.labels.add('swallowed-error');
    at = trace.rpc(
      root,
      ['frontend', 'ad'],
      'oteldemo.AdService/GetAds',
      at,
      trace.some(2, 10),
      isAdBroken ? failed : {},
    ).end;
    if (trace.flag === 'imageSlowLoad') {
      trace.labels.add('slow-call');
      trace.spans.push(
        client(trace.id(), root, at, at + 5000, { name: 'GET /images/products', service: 'frontend' }),
      );
      at += 5000;
    }
  }
  rest.push(
    server(root, '', 0, at + 2, {
      name: 'GET /product',
      service: 'frontend',
      ...(isBroken && { error: true, statusCode: '500' }),
    }),
  );
  trace.spans.push(...rest);
}

function cart(trace: Trace, items: number): void {
  const root = trace.id();
  const isBroken = trace.flag === 'cartFailure';
  if (isBroken) trace.labels.add('failed-request');
  const got = trace.rpc(
    root,
    ['frontend', 'cart'],
    'oteldemo.CartService/GetCart',
    2,
    trace.some(4, 9),
    isBroken ? failed : {},
  );
  if (!isBroken) trace.query(got.served, 'cart', 'HGET', 3, 1);
  let at = got.end;
  for (let i = 0; i < (isBroken ? 0 : items); i++)
    at = trace.rpc(
      root,
      ['frontend', 'product-catalog'],
      'oteldemo.ProductCatalogService/GetProduct',
      at,
      trace.some(2, 6),
    ).end;
  if (items >= 5 && !isBroken) trace.labels.add('repeated-call');
  trace.spans.push(
    server(root, '', 0, at + 3, {
      name: 'GET /api/cart',
      service: 'frontend',
      ...(isBroken && { error: true, statusCode: '500' }),
    }),
  );
}

function checkout(trace: Trace, items: number): void {
  const root = trace.id();
  const [call, place, prepare] = [trace.id(), trace.id(), trace.id()];
  let at = trace.rpc(prepare, ['checkout', 'cart'], 'oteldemo.CartService/GetCart', 6, trace.some(3, 6)).end;
  for (let i = 0; i < items; i++) {
    at = trace.rpc(
      prepare,
      ['checkout', 'product-catalog'],
      'oteldemo.ProductCatalogService/GetProduct',
      at,
      trace.some(2, 6),
    ).end;
    at = trace.rpc(
      prepare,
      ['checkout', 'currency'],
      'oteldemo.CurrencyService/Convert',
      at,
      trace.some(1, 3),
    ).end;
  }
  if (items >= 5) trace.labels.add('repeated-call');
  const quote = trace.rpc(prepare, ['checkout', 'shipping'], 'POST /get-quote', at, trace.some(6, 20));
  trace.rpc(quote.served, ['shipping', 'quote'], 'POST /getquote', quote.end - 5, 4);
  trace.spans.push(
    span(prepare, place, 5, quote.end, {
      name: 'prepareOrderItemsAndShippingQuoteFromCart',
      service: 'checkout',
    }),
  );
  at = quote.end;
  const isRefused = trace.flag === 'paymentFailure';
  const isAway = trace.flag === 'paymentUnreachable';
  const broken = isRefused || isAway ? { error: true, statusCode: '13' } : {};
  if (isAway) {
    trace.labels.add('no-answer');
    const away = { error: true, statusCode: '14', problem: 'UNAVAILABLE' };
    trace.spans.push(
      client(trace.id(), place, at, at + 20, {
        name: 'oteldemo.PaymentService/Charge',
        service: 'checkout',
        ...away,
      }),
    );
    at += 20;
  } else {
    if (isRefused) trace.labels.add('failed-request');
    at = trace.rpc(
      place,
      ['checkout', 'payment'],
      'oteldemo.PaymentService/Charge',
      at,
      trace.some(5, 15),
      isRefused ? failed : {},
    ).end;
  }
  if (!isAway && !isRefused) {
    at = trace.rpc(place, ['checkout', 'shipping'], 'POST /ship-order', at, trace.some(3, 8)).end;
    at = trace.rpc(place, ['checkout', 'cart'], 'oteldemo.CartService/EmptyCart', at, trace.some(2, 5)).end;
    at = trace.rpc(place, ['checkout', 'email'], 'POST /send_order_confirmation', at, trace.some(10, 40)).end;
    const sent = trace.id();
    trace.spans.push(
      span(sent, place, at, at + 1, { name: 'orders publish', kind: 'producer', service: 'checkout' }),
    );
    for (const service of ['accounting', 'fraud-detection'])
      trace.spans.push(
        span(trace.id(), sent, at + 30, at + trace.some(40, 300), {
          name: 'orders consume',
          kind: 'consumer',
          service,
        }),
      );
  }
  trace.spans.push(
    server(place, call, 4.5, at + 2, {
      name: 'oteldemo.CheckoutService/PlaceOrder',
      service: 'checkout',
      ...broken,
    }),
  );
  trace.spans.push(
    client(call, root, 4, at + 3, {
      name: 'oteldemo.CheckoutService/PlaceOrder',
      service: 'frontend',
      ...broken,
    }),
  );
  trace.spans.push(
    server(root, '', 0, at + 5, {
      name: 'POST /api/checkout',
      service: 'frontend',
      ...(isAway || isRefused ? { error: true, statusCode: '500' } : {}),
    }),
  );
}
