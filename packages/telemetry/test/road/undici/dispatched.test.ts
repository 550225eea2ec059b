import { createServer } from 'node:http';
import { hrTimeToNanoseconds } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import { withSpan, withUrlTemplate } from '../../../src/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE } from '../../engines.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import { serve } from '../../serve.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
const telemetry = createTestTelemetry({ engine: ENGINE });
const stops = [undiciChannels()(), injectedChannels()(instrumentationParts())];
t.teardown(async () => {
  for (const stop of stops) stop?.();
  await telemetry.shutdown();
});
t.beforeEach(() => telemetry.reset());
const { Agent, Pool } = await import('undici-7');

const CALLERS = ['a', 'b', 'c'];
const CALLS = 4;
const FEW = { connections: 2 };
const ITEM = { path: '/item', method: 'GET' } as const;

const server = createServer((_, response) => void setTimeout(() => response.end('ok'), 5));
const origin = `http://127.0.0.1:${await serve(t, server)}`;

/** Lets each of the callers make some calls at once, and returns the spans of the calls. */
async function calls(call: () => Promise<unknown>): Promise<ReadableSpan[]> {
  const all = CALLERS.map((of) => withSpan(of, {}, () => Promise.all(Array.from({ length: CALLS }, call))));
  await Promise.all(all);
  await until(() => telemetry.spans().length === CALLERS.length * (1 + CALLS));
  return telemetry.spans().filter(({ name }) => !CALLERS.includes(name));
}

/** The names of the parents of all calls. */
function parentsIn(spans: readonly ReadableSpan[]) {
  return spans
    .filter(({ name }) => !CALLERS.includes(name))
    .map(({ parentSpanContext: of }) => spans.find((span) => span.spanContext().spanId === of?.spanId)?.name);
}

t.test('the span of a call begins when it was dispatched', async (t) => {
  const one = new Pool(origin, { connections: 1 });
  t.teardown(() => one.destroy());
  const spans = await calls(async () => (await one.request(ITEM)).body.text());
  const firstEnd = Math.min(...spans.map(({ endTime }) => hrTimeToNanoseconds(endTime)));
  t.same(
    spans.filter(({ startTime }) => hrTimeToNanoseconds(startTime) > firstEnd),
    [],
    'all were dispatched before the first one ended',
  );
});

t.test('a handler that an app uses for many calls belongs to the caller of each', async (t) => {
  const one = new Pool(origin, FEW);
  t.teardown(() => one.destroy());
  let done = () => {};
  class Shared {
    onConnect() {}
    onHeaders() {
      return true;
    }
    onData() {
      return true;
    }
    onComplete() {
      done();
    }
    onError() {}
  }
  const { onConnect, onHeaders, onData, onComplete, onError } = Shared.prototype;
  const handlers = [new Shared(), { onConnect, onHeaders, onData, onComplete, onError }];
  const expected: string[] = [];
  for (const handler of handlers)
    for (const options of [() => ITEM, () => ({ ...ITEM })])
      for (const of of CALLERS) {
        const dispatched = () =>
          new Promise<void>((resolve) => {
            done = resolve;
            one.dispatch(options(), handler);
          });
        await withSpan(of, {}, dispatched);
        expected.push(of);
      }
  await until(() => telemetry.spans().length === 2 * expected.length);
  t.same(parentsIn(telemetry.spans()), expected);
});

t.test('a context that a dispatcher within another one makes active is kept', async (t) => {
  class Templated extends Pool {
    override dispatch(...args: Parameters<InstanceType<typeof Pool>['dispatch']>) {
      return withUrlTemplate('/item/:id', () => super.dispatch(...args));
    }
  }
  const all = new Agent({ ...FEW, factory: (at, options) => new Templated(at, options as object) });
  t.teardown(() => all.destroy());
  const spans = await calls(async () => (await all.request({ ...ITEM, origin })).body.text());
  for (const { name } of spans) t.equal(name, 'GET /item/:id');
});

t.test('what an app gives to `dispatch` by mistake gets undici’s own answer', async (t) => {
  const one = new Pool(origin, FEW);
  t.teardown(() => one.destroy());
  t.throws(() => one.dispatch(ITEM, undefined as never), { code: 'UND_ERR_INVALID_ARG' });
  t.throws(() => one.dispatch(ITEM, 'text' as never), { code: 'UND_ERR_INVALID_ARG' });
  const trapped = new Proxy(
    {},
    {
      get() {
        throw new Error('trapped');
      },
    },
  );
  t.throws(() => one.dispatch(ITEM, trapped as never), { message: 'trapped' });
  t.equal(one.dispatch.name, 'dispatch');
  t.equal(one.dispatch.length, 2);
});
