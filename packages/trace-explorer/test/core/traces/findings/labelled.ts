import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { client, findingsIn, server, span } from '../make-span.ts';
import type { Planted } from './waits/stalled.ts';
import { stalled } from './waits/stalled.ts';

/** A trace with the rules that a person who knows the system would name. */
interface LabelledTrace {
  readonly flag: string;
  readonly labels: readonly string[];
  readonly spans: readonly SpanRecord[];
}

/**
 * Traces in the shape of the OpenTelemetry demo, a shop of ten services: a page of the shop, a page of a product, the
 * cart and the checkout, as they are and with the faults that the demo's flags switch on. The same at every call.
 */
function* labelledTraces(count: number): Generator<LabelledTrace> {
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

/** How many findings of labelled traces are right, wrong and missed. @param onWrong called with each wrong finding */
export function judgeFindings(count: number, onWrong: (flag: string, rule: string) => void = () => {}) {
  const counts = { right: 0, wrong: 0, missed: 0 };
  for (const { flag, labels, spans } of labelledTraces(count)) {
    const rules = new Set(findingsIn(buildTree(spans)).map(({ rule }) => rule));
    for (const rule of rules) {
      const isRight = labels.includes(rule);
      counts[isRight ? 'right' : 'wrong'] += 1;
      if (!isRight) onWrong(flag, rule);
    }
    counts.missed += labels.filter((label) => !rules.has(label)).length;
  }
  return {
    ...counts,
    precision: counts.right / (counts.right + counts.wrong),
    recall: counts.right / (counts.right + counts.missed),
  };
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
  ...['turns', 'shopStall', 'turns', 'adStall', 'turns', 'busyNeighbour', 'firstConnections'],
  ...['adPool', 'noKeepAlive', 'turns'],
];

class Trace {
  readonly spans: SpanRecord[] = [];
  readonly labels = new Set<string>();
  readonly flag: string;
  readonly random: () => number;
  /** The stalls of the first service while the request was open. */
  stalls: readonly Planted[] = [];
  /** When the next step begins. */
  at = 2;
  #last = 0;

  constructor(random: () => number, flag: string) {
    this.random = random;
    this.flag = flag;
  }

  id(): string {
    this.#last += 1;
    return `s${this.#last}`;
  }

  /** A gRPC call with its SERVER span. @returns the server's id */
  rpc(parent: string, from: string, to: string, name: string, at: number, took: number, more: object = {}) {
    const [call, served] = [this.id(), this.id()];
    this.spans.push(client(call, parent, at, at + took, { name, service: from, ...more }));
    this.spans.push(server(served, call, at + 0.5, at + took - 0.5, { name, service: to, ...more }));
    return served;
  }

  /** A call as the next step: what comes after it begins when it ends. */
  step(parent: string, from: string, to: string, name: string, took: number, more: object = {}) {
    const served = this.rpc(parent, from, to, name, this.at, took, more);
    this.at += took;
    return served;
  }

  /** A call without a SERVER span, as the next step. */
  leaf(parent: string, service: string, name: string, took: number, more: object = {}) {
    this.spans.push(client(this.id(), parent, this.at, this.at + took, { name, service, ...more }));
    this.at += took;
  }

  some(least: number, most: number): number {
    return least + (most - least) * this.random();
  }

  /** The request that began it all, answered `after` milliseconds after the last step. */
  request(root: string, name: string, after: number, isBroken: boolean) {
    const status = isBroken && { error: true, statusCode: '500' };
    const more = { ...status, ...(this.stalls.length > 0 && stalled(...this.stalls)) };
    this.spans.push(server(root, '', 0, this.at + after, { name, service: 'frontend', ...more }));
  }
}

const failed = { error: true, statusCode: '13', problem: 'flag' };

const CART = 'oteldemo.CartService';
const CATALOG = 'oteldemo.ProductCatalogService';
const CONVERT = 'oteldemo.CurrencyService/Convert';
const RECOMMEND = 'oteldemo.RecommendationService/ListRecommendations';

function productPage(trace: Trace): void {
  const root = trace.id();
  const isBroken = trace.flag === 'productCatalogFailure';
  const broken = isBroken ? failed : {};
  trace.step(root, 'frontend', 'product-catalog', `${CATALOG}/GetProduct`, trace.some(3, 12), broken);
  if (isBroken) trace.labels.add('failed-request');
  else restOfProductPage(trace, root);
  trace.request(root, 'GET /product', 2, isBroken);
}

function restOfProductPage(trace: Trace, root: string): void {
  trace.step(root, 'frontend', 'currency', CONVERT, trace.some(2, 5));
  const hasCache = trace.flag !== 'recommendationCacheFailure';
  const took = hasCache ? trace.some(5, 20) : 900;
  const recommended = trace.step(root, 'frontend', 'recommendation', RECOMMEND, took);
  const products = trace.at - (hasCache ? 3 : 30);
  trace.rpc(recommended, 'recommendation', 'product-catalog', `${CATALOG}/ListProducts`, products, 2);
  if (!hasCache) trace.labels.add('unexplained-time');
  const isAdBroken = trace.flag === 'adFailure';
  const broken = isAdBroken ? failed : {};
  if (isAdBroken) trace.labels.add('swallowed-error');
  trace.step(root, 'frontend', 'ad', 'oteldemo.AdService/GetAds', trace.some(2, 10), broken);
  waitOf(trace, root);
  if (trace.flag !== 'imageSlowLoad') return;
  trace.labels.add('slow-call');
  trace.leaf(root, 'frontend', 'GET /images/products', 5000);
}

/** A call at the end of the page that takes longer, and why. */
function waitOf(trace: Trace, root: string): void {
  const { flag, at } = trace;
  const price = { name: 'GET /price', service: 'frontend', peer: 'prices:443' };
  const stand = { turns: 22, shopStall: trace.some(120, 900), busyNeighbour: trace.some(120, 900) }[flag];
  if (stand !== undefined) {
    const kind = flag === 'busyNeighbour' ? 'waited_for_processor' : 'ran';
    trace.stalls = [[at + 4, stand, kind]];
    trace.leaf(root, 'frontend', 'GET /price', stand + 9, stalled([4, stand, kind]));
    if (flag !== 'turns') trace.labels.add('stood-still');
  } else if (flag === 'adStall') {
    const [call, served, stood] = [trace.id(), trace.id(), trace.some(120, 900)];
    const before = { stalledBefore: stood, stalledBeforeKind: 'ran', service: 'ad' };
    trace.spans.push(client(call, root, at, at + stood + 8, { name: 'GetAds', service: 'frontend' }));
    trace.spans.push(server(served, call, at + stood + 2, at + stood + 7, { name: 'GetAds', ...before }));
    trace.at += stood + 8;
    trace.labels.add('stood-still');
  } else if (flag === 'adPool') {
    const waiting = trace.some(100, 800);
    trace.leaf(root, 'frontend', 'SELECT ads', waiting + 6, { isDatabase: true, waiting, poolSize: 2 });
    trace.labels.add('waited-for-connection');
  } else if (flag === 'noKeepAlive')
    // Different calls that change something: neither a loop nor calls that could run side by side.
    for (let nth = 0; nth < 6; nth++)
      trace.leaf(root, 'frontend', '', 40, {
        ...{ ...price, name: `POST /price/${nth}` },
        connecting: 9,
        tls: 24,
        call: nth + 1,
      });
  else if (flag === 'firstConnections')
    for (let nth = 0; nth < 2; nth++)
      trace.leaf(root, 'frontend', 'GET /price', 40, { ...price, connecting: 9, tls: 24, call: nth + 1 });
  if (flag === 'noKeepAlive') trace.labels.add('slow-connect');
}

function cart(trace: Trace, items: number): void {
  const root = trace.id();
  const isBroken = trace.flag === 'cartFailure';
  if (isBroken) trace.labels.add('failed-request');
  const broken = isBroken ? failed : {};
  const got = trace.step(root, 'frontend', 'cart', `${CART}/GetCart`, trace.some(4, 9), broken);
  if (!isBroken) {
    const query = { name: 'HGET', service: 'cart', isDatabase: true };
    trace.spans.push(client(trace.id(), got, 3, 4, query));
    for (let i = 0; i < items; i++)
      trace.step(root, 'frontend', 'product-catalog', `${CATALOG}/GetProduct`, trace.some(2, 6));
    if (items >= 5) trace.labels.add('repeated-call');
  }
  trace.request(root, 'GET /api/cart', 3, isBroken);
}

function checkout(trace: Trace, items: number): void {
  const root = trace.id();
  const [call, place, prepare] = [trace.id(), trace.id(), trace.id()];
  trace.at = 6;
  trace.step(prepare, 'checkout', 'cart', `${CART}/GetCart`, trace.some(3, 6));
  for (let i = 0; i < items; i++) {
    trace.step(prepare, 'checkout', 'product-catalog', `${CATALOG}/GetProduct`, trace.some(2, 6));
    trace.step(prepare, 'checkout', 'currency', CONVERT, trace.some(1, 3));
  }
  if (items >= 5) trace.labels.add('repeated-call');
  const quote = trace.step(prepare, 'checkout', 'shipping', 'POST /get-quote', trace.some(6, 20));
  trace.rpc(quote, 'shipping', 'quote', 'POST /getquote', trace.at - 5, 4);
  const name = 'prepareOrderItemsAndShippingQuoteFromCart';
  trace.spans.push(span(prepare, place, 5, trace.at, { name, service: 'checkout' }));
  const isBroken = payAndSend(trace, place);
  const order = 'oteldemo.CheckoutService/PlaceOrder';
  const broken = isBroken && { error: true, statusCode: '13' };
  trace.spans.push(server(place, call, 4.5, trace.at + 2, { name: order, service: 'checkout', ...broken }));
  trace.spans.push(client(call, root, 4, trace.at + 3, { name: order, service: 'frontend', ...broken }));
  trace.request(root, 'POST /api/checkout', 5, isBroken);
}

/** The second half of a checkout. @returns whether the payment failed, which ends it */
function payAndSend(trace: Trace, place: string): boolean {
  const charge = 'oteldemo.PaymentService/Charge';
  if (trace.flag === 'paymentUnreachable') {
    trace.labels.add('no-answer');
    trace.leaf(place, 'checkout', charge, 20, { error: true, statusCode: '14', problem: 'UNAVAILABLE' });
    return true;
  }
  const isRefused = trace.flag === 'paymentFailure';
  trace.step(place, 'checkout', 'payment', charge, trace.some(5, 15), isRefused ? failed : {});
  if (isRefused) {
    trace.labels.add('failed-request');
    return true;
  }
  trace.step(place, 'checkout', 'shipping', 'POST /ship-order', trace.some(3, 8));
  trace.step(place, 'checkout', 'cart', `${CART}/EmptyCart`, trace.some(2, 5));
  trace.step(place, 'checkout', 'email', 'POST /send_order_confirmation', trace.some(10, 40));
  const [sent, at] = [trace.id(), trace.at];
  const publish = { name: 'orders publish', kind: 'producer', service: 'checkout' };
  trace.spans.push(span(sent, place, at, at + 1, publish));
  for (const service of ['accounting', 'fraud-detection']) {
    const consume = { name: 'orders consume', kind: 'consumer', service };
    trace.spans.push(span(trace.id(), sent, at + 30, at + trace.some(40, 300), consume));
  }
  return false;
}
