import { readFileSync } from 'node:fs';
import t from 'tap';
import { FindingTrigger } from '../../src/check/finding-trigger.ts';
import { TOOLS } from '../../src/mcp/tools/index.ts';
import { readBySchema } from '../../src/query/parse/read-by-schema.ts';

const text = readFileSync(new URL('../../SKILL.md', import.meta.url), 'utf8');

t.test('SKILL.md is short, and what it tells an agent to use is there', async (t) => {
  t.match(text, /^---\nname: [a-z-]+\ndescription: .{50,500}\n---\n/);
  t.ok(text.split('\n').length <= 60);
  const tools = new Set(TOOLS.map(({ name }) => name));
  const named = [...text.matchAll(/`([a-z]+_[a-z_]+)`/g)].map(([, name = '']) => name);
  t.same(
    named.filter((name) => !tools.has(name) && !['trace_id', 'time_range'].includes(name)),
    [],
  );
  t.ok(named.length > 8);
  const [, trigger = ''] = /`(\{"name".*\})`/.exec(text) ?? [];
  t.doesNotThrow(() => readBySchema(FindingTrigger, JSON.parse(trigger)));
});
