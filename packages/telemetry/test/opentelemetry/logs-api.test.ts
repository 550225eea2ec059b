import * as api from '@opentelemetry/api';
import type { LogRecord } from '@opentelemetry/api-logs';
import { logs } from '@opentelemetry/api-logs';
import t from 'tap';
import { registerLoggerProvider, unregisterLoggerProvider } from '../../src/opentelemetry/logs-api.ts';

t.test('a logger provider is found by every API for logs that there is', async (t) => {
  const ways: (typeof logs)[] = [logs];
  // API 1.10 has one of its own, and runs this test in the lane of SDK 3.
  if ('logs' in api) ways.push(api.logs as typeof logs);
  const bodies: LogRecord['body'][] = [];
  registerLoggerProvider({
    getLogger: () => ({ enabled: () => true, emit: ({ body }) => void bodies.push(body) }),
  });
  t.teardown(() => unregisterLoggerProvider());
  for (const each of ways) each.getLogger('test').emit({ body: 'heard' });
  t.strictSame(
    bodies,
    ways.map(() => 'heard'),
  );
  unregisterLoggerProvider();
  for (const each of ways) each.getLogger('test').emit({ body: 'too late' });
  t.equal(bodies.length, ways.length);
});
