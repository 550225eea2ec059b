import { readFileSync } from 'node:fs';
import t from 'tap';
import { toolsOf } from '../../../src/core/door/node.ts';
import { nodeParts } from '../../../src/parts.node.ts';

const text = readFileSync(new URL('../../../SKILL.md', import.meta.url), 'utf8');

t.test('what SKILL.md tells an agent to use is there', async (t) => {
  t.match(text, /^---\nname: [a-z-]+\ndescription: .{50,500}\n---\n/);
  const tools = new Set((await toolsOf(nodeParts)).map(({ name }) => name));
  const named = [...text.matchAll(/`([a-z]+_[a-z_]+)`/g)].map(([, name = '']) => name);
  t.same(
    named.filter((name) => !tools.has(name) && !['trace_id', 'time_range'].includes(name)),
    [],
  );
  t.ok(named.length > 8);
});
