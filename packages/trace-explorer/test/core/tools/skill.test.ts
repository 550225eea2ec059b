import { readFileSync } from 'node:fs';
import t from 'tap';
import { toolsOf } from '../../../src/core/door/node.ts';
import { FIRST_TOOLS, TOOL_LIST } from '../../../src/parts/mcp/tool-list.ts';
import { nodeParts } from '../../../src/parts.node.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

t.test('the list has every tool', async (t) => {
  const tools = (await toolsOf(nodeParts)).map(({ name }) => name);
  t.same(Object.keys(TOOL_LIST).toSorted(), tools.toSorted());
});

t.test('SKILL.md tells of the first tools as the list does, and of no other', async (t) => {
  const text = read('../../../SKILL.md');
  t.match(text, /^---\nname: [a-z-]+\ndescription: .{50,500}\n---\n/);
  const told = FIRST_TOOLS.map((name, at) => `${at + 1}. \`${name}\`: ${TOOL_LIST[name]}.\n`);
  t.ok(text.includes(told.join('')), told.join(''));
  const named = [...text.matchAll(/`([a-z]+_[a-z_]+)\b/g)].map(([, name = '']) => name);
  t.same(
    named.filter((name) => !FIRST_TOOLS.includes(name)),
    ['left_out', 'time_range'],
  );
});

t.test('docs/agents.md has the tools as the list does', async (t) => {
  const rows = read('../../../../../docs/agents.md').matchAll(/^\| `([a-z]+_[a-z_]+)` \| (.*) \|$/gm);
  t.same(
    Array.from(rows, ([, name, what]) => [name, what]),
    Object.entries(TOOL_LIST),
  );
});
