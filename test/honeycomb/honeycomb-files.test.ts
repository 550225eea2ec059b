import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseExpression } from '../../packages/trace-explorer/src/core/query/parse/expression/parse.ts';
import { parseQuery } from '../../packages/trace-explorer/src/core/query/parse/parse-query.ts';
import { ROOT } from '../helpers/processes.ts';

const FOLDER = join(ROOT, 'honeycomb');
const read = (path: string) => JSON.parse(readFileSync(join(FOLDER, path), 'utf8'));

t.test("the explorer reads every query, the trigger's too, and every calculated field", async (t) => {
  const queries = globSync('queries/*.json', { cwd: FOLDER });
  t.ok(queries.length >= 7);
  for (const path of queries) t.doesNotThrow(() => parseQuery(read(path)), path);
  for (const path of globSync('triggers/*.json', { cwd: FOLDER }))
    t.doesNotThrow(() => parseQuery(read(path).query), path);
  for (const { alias, expression } of read('calculated-fields.json'))
    t.doesNotThrow(() => parseExpression(expression), alias);
});
