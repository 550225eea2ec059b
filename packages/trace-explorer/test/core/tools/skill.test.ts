import { readFileSync } from 'node:fs';
import t from 'tap';
import { toolsOf } from '../../../src/core/door/node.ts';
import { FIRST_TOOLS, TOOL_LIST } from '../../../src/core/tools/tool-list.ts';
import { nodeParts } from '../../../src/parts.node.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

t.test('the list has every tool', async (t) => {
  const tools = (await toolsOf(nodeParts)).map(({ name }) => name);
  t.same(Object.keys(TOOL_LIST).toSorted(), tools.toSorted());
});

t.test('SKILL.md tells of the first tools, and of no other', async (t) => {
  const text = read('../../../SKILL.md');
  t.match(text, /^---\nname: [a-z-]+\ndescription: .{50,500}\n---\n/);
  const named = [...text.matchAll(/`([a-z]+_[a-z_]+)\b/g)].map(([, name = '']) => name);
  t.same(new Set(named), new Set([...FIRST_TOOLS, 'left_out', 'time_range']));
});
