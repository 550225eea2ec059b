import type { FastifyInstance } from 'fastify';
import type { ExplorerOptions } from '../src/app.ts';
import { buildExplorer } from '../src/app.ts';
import type { SpanStore, StoreOptions } from '../src/core/store/store.ts';
import { askTrace } from '../src/core/traces/forms/ask-trace.ts';
import { describeTrace } from '../src/core/traces/forms/describe-trace.ts';
import type { PlainSpan } from './spans.ts';
import { randomId, temporaryStore } from './spans.ts';

type Test = { teardown(fn: () => unknown): void };

/** An explorer over an empty store of its own, not listening. */
export async function temporaryExplorer(
  t: Test,
  options: Omit<ExplorerOptions, 'store'> = {},
  storeOptions: Partial<StoreOptions> = {},
): Promise<{
  app: FastifyInstance;
  store: SpanStore;
  get: (url: string) => Promise<Answer>;
  /** A trace with a row per span, as the commands have it. */
  trace: (traceId: string) => Promise<Answer['body']>;
}> {
  const store = await temporaryStore(t, storeOptions);
  const app = await buildExplorer({ store, ...options });
  t.teardown(() => app.close());
  const get = async (url: string): Promise<Answer> => {
    const { statusCode, headers, body } = await app.inject(url);
    return { status: statusCode, type: String(headers['content-type']), body: parse(body) };
  };
  const trace = async (traceId: string) => {
    const { model, findings } = await askTrace(traceId, async (path) => (await get(path)).body);
    return describeTrace(model, findings);
  };
  return { app, store, get, trace };
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it expects of an answer
  readonly body: any;
}

function parse(body: string): unknown {
  return body.startsWith('{') || body.startsWith('[') ? JSON.parse(body) : body;
}

/** Ids that are the same for the same label within one test file. */
export function ids(): (label: string, bytes?: 8 | 16) => string {
  const known = new Map<string, string>();
  return (label, bytes = 8) => {
    const id = known.get(`${label} ${bytes}`) ?? randomId(bytes);
    known.set(`${label} ${bytes}`, id);
    return id;
  };
}

/** Nanoseconds since the epoch, so many milliseconds after a fixed moment of today. */
const epoch = BigInt(Date.now() - 60_000) * 1_000_000n;
export function at(milliseconds: number): bigint {
  return epoch + BigInt(Math.round(milliseconds * 1e6));
}

/** A trace whose first stored span has a parent that nobody sends, with calls one after the other below it. */
export function rootless(kind: number, calls = 0): PlainSpan[] {
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const own = { traceId, service: 'behind', start: at(0) };
  const call = { ...own, parentSpanId: spanId, name: 'SELECT item', kind: 3, durationMs: 8 };
  return [
    { ...own, spanId, parentSpanId: randomId(8), name: 'take order', kind, durationMs: 900 },
    ...Array.from({ length: calls }, (_, i) => ({
      ...call,
      start: at(5 + i * 10),
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM item WHERE id = $1' },
    })),
  ];
}
