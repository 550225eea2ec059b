import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULE_NAMES } from '../../../packages/trace-explorer/src/core/traces/findings/rules.ts';
import { ROOT } from '../../../tools/root.ts';
import { code, table } from './table.ts';

export const FINDINGS_PATH = 'docs/reference/findings.md';
const RULES = 'packages/trace-explorer/src/core/traces/findings/**/*.ts';
/** A docstring, and the first text of what it belongs to: the name of a rule. */
const RULE = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const \w+\b[^;']*'([\w-]+)'/g;

/** The table of docs/reference/findings.md: the rules in their order, with their docstrings. @throws Error for a rule without one */
export function ruleTable(): string {
  const said = new Map(
    globSync(RULES, { cwd: ROOT }).flatMap((path) =>
      Array.from(
        readFileSync(join(ROOT, path), 'utf8').matchAll(RULE),
        ([, comment = '', name = '']) => [name, comment.replaceAll(/\s*\n \*\s?/g, ' ').trim()] as const,
      ),
    ),
  );
  const rows = RULE_NAMES.map((name) => {
    const words = said.get(name);
    if (words === undefined) throw new Error(`The rule ${name} has no docstring.`);
    return [code(name), words];
  });
  return table(['Rule', 'It finds'], rows);
}
