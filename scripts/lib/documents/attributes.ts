import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/root.ts';
import { code, table } from './table.ts';

export const ATTRIBUTES_PATH = 'docs/reference/attributes.md';
/** The only file of telemetry that names attributes of its own. */
const SOURCE = 'packages/telemetry/src/attributes.ts';
/** An attribute below its docstring. */
const DECLARED = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const ATTR_\w+ = '([^']+)';/g;

/** The table of docs/reference/attributes.md: what telemetry's own attributes say, and what has them. */
export function attributeTable(): string {
  const rows = [...readFileSync(join(ROOT, SOURCE), 'utf8').matchAll(DECLARED)].map(
    ([, comment = '', name = '']) => {
      const [of = '', ...says] = comment
        .replaceAll(/\s*\n \*\s?/g, ' ')
        .trim()
        .split(': ');
      return [code(name), of, says.join(': ')];
    },
  );
  return table(['Attribute', 'Of', 'What it says'], rows);
}
