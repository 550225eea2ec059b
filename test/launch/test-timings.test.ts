import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { divide, keepTimings, readTimings, secondsOf } from '../../scripts/lib/test-timings.ts';

t.test('files are divided so that processes take about as long, also those that nobody has measured', (t) => {
  const timings = { long: 9, some: 4, short: 1, tiny: 1, least: 1 };
  t.same(divide(Object.keys(timings), 2, timings), [['long'], ['least', 'short', 'some', 'tiny']]);
  t.same(divide(['a', 'b', 'c', 'd'], 2, {}), [
    ['a', 'c'],
    ['b', 'd'],
  ]);
  t.equal(secondsOf(['short', 'new'], { short: 1, long: 9 }), 6, 'the average of the others');
  t.end();
});

t.test('timings stay beside those of other runs, and a file that cannot be read is as none', (t) => {
  const path = join(t.testdir(), 'cache', 'timings.json');
  t.same(readTimings(path), {});
  keepTimings({ a: 1, b: 1 }, path);
  keepTimings({ b: 2 }, path);
  t.same(readTimings(path), { a: 1, b: 2 });
  writeFileSync(path, '{"a":');
  t.same(readTimings(path), {});
  keepTimings({ a: 1 }, join(path, 'below-a-file'));
  t.end();
});
