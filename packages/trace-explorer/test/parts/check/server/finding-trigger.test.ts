import { readFileSync } from 'node:fs';
import t from 'tap';
import { readBySchema } from '../../../../src/core/query/parse/read-by-schema.ts';
import { FindingTrigger } from '../../../../src/parts/check/server/finding-trigger.ts';

t.test('the trigger about a finding in SKILL.md is one', async (t) => {
  const text = readFileSync(new URL('../../../../SKILL.md', import.meta.url), 'utf8');
  const [, trigger = ''] = /`(\{"name".*\})`/.exec(text) ?? [];
  t.doesNotThrow(() => readBySchema(FindingTrigger, JSON.parse(trigger)));
});
