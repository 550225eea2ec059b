import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { SqliteFile } from '../../src/database/sqlite-file.ts';

t.test('the write-ahead log is written back without a COMMIT that does so', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'test.sqlite');
  const file = new SqliteFile(path);
  file.write({ sql: 'create table lines (text text)', parameters: [] });
  const insert = () => file.write({ sql: 'insert into lines values (?)', parameters: ['x'.repeat(2000)] });
  // Some 600 pages of the log; SQLite itself begins at 1,000 if it is not told otherwise.
  for (let line = 0; line < 300; line++) insert();
  await until(() => statSync(path).size > 100_000, { what: 'the file has what was written' });
  insert();
  t.same(file.read({ sql: 'select count(*) as lines from lines', parameters: [] }).rows, [{ lines: 301 }]);
  await file.close();
  t.equal(statSync(`${path}-wal`, { throwIfNoEntry: false }), undefined, 'the thread has let go of the file');
});
