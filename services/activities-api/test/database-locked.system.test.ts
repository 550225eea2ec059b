import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { buildTestApp } from './build-test-app.ts';

t.test('while another process locks the file, reading and readiness go on, and a POST is 503', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  const file = join(folder, 'test.sqlite');
  const app = await buildTestApp({}, { file });
  t.teardown(() => app.close().then(() => rmSync(folder, { recursive: true })));
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  const post = () =>
    app.inject({
      method: 'POST',
      url: '/api/activities',
      headers: { 'x-request-timeout-ms': '1500' },
      payload: { handle: 'vir', message: 'hello', ttl: '1-hour' },
    });
  const order: string[] = [];
  const posts = Promise.all(Array.from({ length: 5 }, post)).finally(() => order.push('posted'));
  for (const url of ['/api/activities/home', '/health/ready', '/health/live']) {
    t.equal((await app.inject(url)).statusCode, 200, url);
    order.push('read');
  }
  for (const response of await posts) {
    t.match(response.json(), { status: 503, code: 'DATABASE_BUSY' });
    t.equal(response.headers['retry-after'], '1');
  }
  t.same(order, ['read', 'read', 'read', 'posted']);
  other.exec('rollback');
  other.close();
  t.equal((await post()).statusCode, 201, 'and then it goes on');
});
