import { runInNewContext } from 'node:vm';
import { SpanStatusCode } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../src/index.ts';
import { createTestTelemetry } from '../../src/service/testing/index.ts';
import { start } from '../service/fastify/harness.ts';

/** An error of another realm, like Node's errors in a test of Jest. */
const foreign: NodeJS.ErrnoException = runInNewContext(
  "Object.assign(new TypeError('no such file'), { code: 'ENOENT' })",
);

t.test('an error of another realm is recorded as it is', async (t) => {
  t.notOk(foreign instanceof Error);
  const telemetry = createTestTelemetry();
  t.teardown(() => telemetry.shutdown());
  await t.rejects(withSpan('read', {}, () => Promise.reject(foreign)));
  t.match(telemetry.spans(), [
    {
      status: { message: /^no such file$/ },
      attributes: { 'error.type': 'ENOENT' },
      events: [{ attributes: { 'exception.type': 'ENOENT', 'exception.stacktrace': foreign.stack } }],
    },
  ]);
});

t.test('a thrown text has no place, and not the one where telemetry recorded it', async (t) => {
  const telemetry = createTestTelemetry();
  t.teardown(() => telemetry.shutdown());
  await t.rejects(withSpan('read', {}, () => Promise.reject('no such file')));
  const [event] = telemetry.spans()[0]?.events ?? [];
  t.same(event?.attributes, { 'exception.type': 'Error', 'exception.message': 'no such file' });
});

const UNREADABLE = {
  toString(): string {
    throw new Error('nobody reads this');
  },
};
const NAMELESS = Object.assign(Object.create(null), { id: 7 });

/** Values that an app may throw, each with the `error.type` and the message of its span. */
const THROWN: readonly (readonly [what: string, thrown: unknown, type: string, message: string])[] = [
  ['an object with a message', { code: 'E_SOLD', message: 'sold out' }, 'E_SOLD', 'sold out'],
  ['an object', { status: 409, token: 'secret' }, 'Object', 'an object without a message: { status, token }'],
  ['an object without members', {}, 'Object', 'an object without a message'],
  ['an object without a prototype', NAMELESS, '_OTHER', 'an object without a message: { id }'],
  ['an object whose text cannot be made', UNREADABLE, 'Object', 'an object without a message: { toString }'],
  ['an object with a text', new URL('http://shop/a'), 'URL', 'http://shop/a'],
  ['a class', RangeError, '_OTHER', 'the function RangeError'],
  [
    'a function whose name is a symbol',
    Object.defineProperty(() => {}, 'name', { value: Symbol('halt') }),
    '_OTHER',
    'a function',
  ],
  ['a symbol', Symbol('sold'), '_OTHER', 'Symbol(sold)'],
  ['nothing', undefined, '_OTHER', 'undefined'],
  ['an error without a message', new RangeError(), 'RangeError', ''],
  [
    'an error whose message cannot be read',
    Object.defineProperty(new RangeError(), 'message', { get: UNREADABLE.toString }),
    'RangeError',
    'an object without a message',
  ],
];

for (const [what, thrown, type, message] of THROWN)
  t.test(`${what} is thrown: the span has failed, and the caller gets what was thrown`, async (t) => {
    const telemetry = createTestTelemetry();
    t.teardown(() => telemetry.shutdown());
    const caught = await withSpan('buy', {}, () => Promise.reject(thrown)).catch((error: unknown) => error);
    t.equal(caught, thrown);
    const [span] = telemetry.spans();
    t.equal(span?.attributes['error.type'], type);
    t.same(span?.status, { code: SpanStatusCode.ERROR, message });
    t.equal(span?.events[0]?.attributes?.['exception.message'] ?? '', message);
  });

t.test('a handler that throws an object which nobody can read has failed', async (t) => {
  const { url, serverSpan } = await start(t, (app) => app.get('/', () => Promise.reject(UNREADABLE)));
  t.equal((await fetch(url)).status, 500);
  t.match(await serverSpan(), {
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'Object' },
  });
});
