import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { factsDocument } from '../../../src/core/command/files/run-file.ts';
import { keyValue } from '../../../src/core/files/foreign/otlp-json.ts';
import { RUN_ID, RUN_PLACE } from '../../../src/core/runs/run-fields.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId } from '../../spans.ts';

/** What is different in a run of the shop. */
export interface ShopOptions {
  /** Where the run's folder is in its repository, and what its lines of code are told from. */
  readonly place?: string;
  readonly file?: string;
  /** Of each line, added. */
  readonly moved?: number;
  readonly called?: string;
  readonly port?: number;
  readonly parameter?: string;
  readonly member?: string;
  /** Of the error, instead of one about the member. */
  readonly says?: string;
  readonly statement?: string;
  /** Routes that are asked for, each three times. */
  readonly routes?: readonly string[];
  /** Routes whose faults are mended. */
  readonly mended?: readonly string[];
  /** How many further routes have an N+1 of their own. */
  readonly more?: number;
  /** How many each request stands for; `weights` of one route. */
  readonly weight?: number;
  readonly weights?: Readonly<Record<string, number>>;
  readonly weak?: boolean;
}

const [SERVER, CLIENT] = [2, 3];
const ALL = ['orders', 'sku', 'checkout'];

/** The spans of a run: N+1 in `GET /orders`, an error in `GET /orders/:id/sku`, calls one by one in `GET /checkout`. */
export function shopSpans(options: ShopOptions = {}, run: string = randomUUID()): PlainSpan[] {
  const { file = 'src/orders.js', moved = 0, called = 'handler', port = 4610, parameter = ':id' } = options;
  const { member = 'sku', statement = 'select name from items where id = ?' } = options;
  const { routes = ALL, mended = [], more = 0, weak = false, weight, weights = {} } = options;
  const begin = BigInt(Date.now() - 60_000) * 1_000_000n;
  const resource = { [RUN_ID]: run };
  const lineAt = (line: number) => ({
    'code.file.path': file,
    'code.line.number': line + moved,
    'code.function.name': called,
  });
  let requests = 0;
  const request = (
    route: string,
    ms: number,
    own: Partial<PlainSpan>,
    below: (add: Add) => void = () => {},
  ) => {
    const [traceId, root] = [randomId(16), randomId(8)];
    const at = begin + BigInt(requests++) * 1_000_000_000n;
    const spans: PlainSpan[] = [];
    const add: Add = (from, span, parentSpanId = root) => {
      const spanId = randomId(8);
      spans.push({
        traceId,
        spanId,
        parentSpanId,
        service: 'shop',
        resource,
        start: at + BigInt(from) * 1_000_000n,
        ...span,
      });
      return spanId;
    };
    below(add);
    const rate = weights[route.split('/')[1] ?? ''] ?? weight;
    const attributes = {
      'http.request.method': 'GET',
      'http.route': route,
      ...(rate !== undefined && { SampleRate: rate }),
      ...own.attributes,
    };
    const plain = {
      traceId,
      spanId: root,
      service: 'shop',
      resource,
      start: at,
      kind: SERVER,
      durationMs: ms,
    };
    return [{ ...plain, name: `GET ${route}`, ...own, attributes }, ...spans];
  };
  const loop = (route: string, table: string, text: string, line: number, count: number) =>
    request(route, 100, {}, (add) => {
      for (let i = 0; i < count; i++)
        add(2 + i * (weak ? 1 : 6), {
          name: `SELECT ${table}`,
          kind: CLIENT,
          durationMs: weak ? 0.01 : 5,
          attributes: { 'db.system.name': 'sqlite', 'db.query.text': text, ...lineAt(line) },
        });
    });
  const made: Readonly<Record<string, () => PlainSpan[]>> = {
    orders: () => loop('/orders', 'items', statement, 6, mended.includes('orders') ? 1 : 15),
    sku: () => {
      const message = options.says ?? `Cannot read properties of undefined (reading '${member}')`;
      const stack = `TypeError: ${message}\n    at ${called} (${file}:${7 + moved}:9)`;
      const error = {
        'exception.type': 'TypeError',
        'exception.message': message,
        'exception.stacktrace': stack,
      };
      const failed = { status: 2 as const, statusMessage: message, attributes: { ...lineAt(7), ...error } };
      return request(`/orders/${parameter}/sku`, 5, mended.includes('sku') ? {} : failed);
    },
    checkout: () =>
      request('/checkout', 200, {}, (add) => {
        for (let i = 0; i < (mended.includes('checkout') ? 1 : 3); i++) {
          const url = { 'url.full': `http://127.0.0.1:${port}/slow?n=${i}`, 'server.address': '127.0.0.1' };
          const attributes = { 'http.request.method': 'GET', ...url, 'server.port': port, ...lineAt(8) };
          const call = add(1 + i * 62, { name: 'GET', kind: CLIENT, durationMs: 60, attributes });
          const slow = { 'http.request.method': 'GET', 'http.route': '/slow' };
          add(2 + i * 62, { name: 'GET /slow', kind: SERVER, durationMs: 58, attributes: slow }, call);
        }
      }),
  };
  return [
    ...routes.flatMap((name) => Array.from({ length: 3 }, () => made[name]?.() ?? []).flat()),
    ...Array.from({ length: more }, (_, n) =>
      loop(`/page${n}x`, `t${n}`, `select a from t${n} where b = ?`, 20, 15),
    ).flat(),
  ];
}

type Add = (fromMs: number, span: Partial<PlainSpan>, parent?: string) => string;

/** Writes a run of the shop as `run --save` does. @returns the file */
export function shopRun(folder: string, name: string, options: ShopOptions = {}): string {
  const id = randomUUID();
  const spans = shopSpans(options, id);
  const { place = '.' } = options;
  const facts = {
    [RUN_ID]: id,
    'tandem.run.traces': spans.length,
    ...(place !== '' && { [RUN_PLACE]: place }),
  };
  const path = join(folder, name);
  writeFileSync(path, gzipSync(factsDocument(facts) + spans.map(documentOf).join('')));
  return path;
}

const attributesOf = (attributes: object) =>
  Object.entries(attributes).map(([key, value]) => keyValue(key, value));

function documentOf({
  service = '',
  resource = {},
  attributes = {},
  durationMs = 1,
  start = 0n,
  ...span
}: PlainSpan): string {
  const { traceId, spanId, parentSpanId, name, kind, status, statusMessage } = span;
  const own = {
    ...{ traceId, spanId, parentSpanId, name, kind },
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(Math.round(durationMs * 1e6))),
    attributes: attributesOf(attributes),
    ...(status !== undefined && { status: { code: status, message: statusMessage } }),
  };
  const from = { attributes: attributesOf({ 'service.name': service, ...resource }) };
  return `${JSON.stringify({ resourceSpans: [{ resource: from, scopeSpans: [{ spans: [own] }] }] })}\n`;
}
