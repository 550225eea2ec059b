import { runInNewContext } from 'node:vm';
import t from 'tap';
import { withSpan } from '../../src/index.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';

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
