import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { scalingTables } from '../../scripts/lib/scaling-arithmetic.ts';
import { ROOT } from '../helpers/processes.ts';

t.test('the tables of docs/scaling.md are what the measurements come to', (t) => {
  const text = readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8');
  const [, tables = ''] = /<!-- tables -->\n([\s\S]*)\n<!-- end of tables -->/.exec(text) ?? [];
  t.equal(tables, scalingTables(), 'after a benchmark: `node tandem scaling` writes them');
  t.match(tables, /^\| spans\/s \| 7 \| 700 \| 70,000 \|$/m);
  t.end();
});

t.test('outside of them it has the rates, and numbers that stand elsewhere', (t) => {
  const text = readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8');
  const prose = text.replace(/<!-- tables -->[\s\S]*<!-- end of tables -->/, '');
  const sampler = parse(readFileSync(join(ROOT, 'deploy/collector/sampler.yaml'), 'utf8'));
  const known = [
    ...['1', '100', '10,000'],
    '100,000', // traces a month that AWS's price list has for nothing
    '503', // a status
    sampler.processors.tail_sampling.num_traces.toLocaleString('en'),
  ];
  const numbers = [...prose.matchAll(/\d[\d.,]*(?<=\d)/g)].map(([number]) => number);
  t.strictSame([...new Set(numbers)].toSorted(), known.toSorted());
  t.end();
});
