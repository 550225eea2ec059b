import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { scalingTables } from '../../scripts/lib/scaling-arithmetic.ts';
import { ROOT } from '../helpers/processes.ts';

t.test('the tables of docs/scaling.md are what the measurements come to', (t) => {
  const text = readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8');
  const [, tables = ''] = /<!-- tables -->\n([\s\S]*)\n<!-- end of tables -->/.exec(text) ?? [];
  t.equal(tables, scalingTables(), 'after a benchmark: `node tandem scaling` writes them');
  t.match(tables, /^\| spans\/s \| 7 \| 700 \| 70,000 \|$/m);
  t.end();
});
