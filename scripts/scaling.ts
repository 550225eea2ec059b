import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from './lib/arguments.ts';
import { callOf, ROOT } from './lib/root.ts';
import { scalingTables } from './lib/scaling-arithmetic.ts';

readArguments(
  `Usage: ${callOf('scaling')}

Writes the tables of docs/scaling.md from the figures of docs/measurements.md, and prints them. A test compares them.`,
  {},
);
const path = join(ROOT, 'docs', 'scaling.md');
const tables = scalingTables();
const [before = '', rest = ''] = readFileSync(path, 'utf8').split(/(?<=<!-- tables -->\n)/);
const after = rest.slice(rest.indexOf('<!-- end of tables -->'));
writeFileSync(path, `${before}${tables}\n${after}`);
process.stdout.write(`${tables}\n`);
