import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_TOOLS, TOOL_LIST } from '../../../packages/trace-explorer/src/core/tools/tool-list.ts';
import { ROOT } from '../../../tools/root.ts';
import { code, table } from './table.ts';

export const AGENTS_PATH = 'docs/agents.md';
export const SKILL_PATH = 'packages/trace-explorer/SKILL.md';

/** The numbered list of the first tools in SKILL.md. */
const FIRST = /(?:^\d+\. `[a-z]+_[a-z_]+`: .*\n)+/m;

/** The table of docs/agents.md: what each tool answers that an agent has first, or only if it asks for all. */
export function toolTable(isFirst: boolean): string {
  const tools = Object.entries(TOOL_LIST).filter(([name]) => FIRST_TOOLS.includes(name) === isFirst);
  return table(
    ['Tool', 'It answers'],
    tools.map(([name, answers]) => [code(name), answers]),
  );
}

/** SKILL.md with the first tools. */
export function skillText(): string {
  const list = FIRST_TOOLS.map((name, at) => `${at + 1}. ${code(name)}: ${TOOL_LIST[name]}.\n`).join('');
  return readFileSync(join(ROOT, SKILL_PATH), 'utf8').replace(FIRST, () => list);
}
