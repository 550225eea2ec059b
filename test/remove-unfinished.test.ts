import { readdirSync } from 'node:fs';
import t from 'tap';
import { removeUnfinished } from '../scripts/lib/remove-unfinished.ts';

/** Above the numbers that systems give. */
const NO_PROCESS = 99_999_999;

t.test('what a killed run left is removed; what runs, or has ended, stays', async (t) => {
  const running = `test-${process.pid}.tap`;
  const files = { [`test-${NO_PROCESS}.tap`]: '', [`test-page-${NO_PROCESS}.tap`]: '', [running]: '' };
  const directory = t.testdir({ ...files, 'test.tap': '', 'test-system.tap': '', lock: '' });
  removeUnfinished(directory);
  t.strictSame(
    readdirSync(directory).toSorted(),
    [running, 'lock', 'test-system.tap', 'test.tap'].toSorted(),
  );
});
