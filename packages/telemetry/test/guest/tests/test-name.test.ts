import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { testName } from '../../../src/guest/tests/test-name.ts';

t.test('the path of a URL stays in a name', async (t) => {
  const names = [
    'GET /api/users answers 404',
    'app.router /users/:id/edit',
    "should match '/user/tj/edit'",
    'http://localhost/api/users',
    'http://localhost/tmp/users',
    'text/html, application/json',
    'loads src/api/users.js',
    String.raw`matches \d\w`,
  ];
  for (const name of names) t.equal(testName(name), name);
  t.equal(testName('GET /api/users/4711'), 'GET /api/users/…', 'without its id');
});

t.test('a path in the project or among temporary files is another on each machine', async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'names-'));
  const paths = [
    process.cwd(),
    join(process.cwd(), 'test', 'a.js'),
    resolve(import.meta.dirname, '../../../../trace-explorer/package.json'),
    temporary,
    realpathSync(temporary),
    '/tmp/a-x7/b.txt',
    '/private/var/folders/x1/T/b',
  ];
  for (const path of paths) {
    t.equal(testName(`reads ${path}, twice`), 'reads …, twice');
    t.equal(testName(`opens file://${path}`), 'opens file://…');
  }
});

t.test('a path in the folder of another process', async (t) => {
  t.equal(testName('GET /api/users of /srv/shop/a.json', '/srv/shop'), 'GET /api/users of …');
  t.equal(testName(String.raw`of D:\shop\test\a.json`, String.raw`D:\shop`), 'of …');
  t.equal(testName('GET /srv/shopping/a', '/srv/shop'), 'GET /srv/shopping/a');
  t.equal(testName('GET /srv/shop', '/'), 'GET /srv/shop', 'not the whole disk');
});
