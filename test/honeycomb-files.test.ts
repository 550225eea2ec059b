import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import {
  CLASSIC_KEY,
  CONFIGURATION_KEY,
  INGEST_KEY,
} from '../packages/telemetry/test/doctor/honeycomb/fake-honeycomb.ts';
import { parseExpression } from '../packages/trace-explorer/src/core/query/parse/expression/parse.ts';
import { parseQuery } from '../packages/trace-explorer/src/core/query/parse/parse-query.ts';
import { configurationKey } from '../scripts/lib/honeycomb/configuration-key.ts';
import { readDefinitions } from '../scripts/lib/honeycomb/definitions.ts';
import { ROOT } from './helpers/processes.ts';

const definitions = readDefinitions(join(ROOT, 'honeycomb'));

t.test("the explorer reads every query, the trigger's too, and every calculated field", async (t) => {
  t.ok(definitions.queries.length >= 7);
  for (const { slug, query } of [
    ...definitions.queries,
    ...definitions.triggers.map(({ name, query }) => ({ slug: name, query })),
  ])
    t.doesNotThrow(() => parseQuery(query), slug);
  for (const { alias, expression } of definitions.calculatedFields)
    t.doesNotThrow(() => parseExpression(String(expression)), alias);
});

t.test('the deploy marker names the deployed version', async (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  t.equal(definitions.marker.message, `Tandem ${version}`);
});

t.test('a key that is not a configuration key is refused with its kind', async (t) => {
  t.equal(configurationKey({ HONEYCOMB_CONFIGURATION_KEY: ` ${CONFIGURATION_KEY}\n` }), CONFIGURATION_KEY);
  t.equal(configurationKey({ HONEYCOMB_API_KEY: CONFIGURATION_KEY }), CONFIGURATION_KEY, 'one key for both');
  for (const [env, expected] of [
    [{}, /needs a configuration key, and HONEYCOMB_API_KEY is not set\.\n.*Manage Public Boards/],
    [{ HONEYCOMB_API_KEY: INGEST_KEY }, /HONEYCOMB_API_KEY is an ingest key, which can only send/],
    [
      { HONEYCOMB_CONFIGURATION_KEY: INGEST_KEY },
      /HONEYCOMB_CONFIGURATION_KEY is an ingest key, which can only send/,
    ],
    [{ HONEYCOMB_CONFIGURATION_KEY: CLASSIC_KEY }, /is a classic key, which has no environment/],
    [{ HONEYCOMB_CONFIGURATION_KEY: 'hcalk_0a1b2c3d4e5f' }, /is not a configuration key \(18 characters/],
  ] as const) {
    t.throws(() => configurationKey(env), { message: expected });
    try {
      configurationKey(env);
    } catch (error) {
      for (const value of Object.values(env)) t.notMatch((error as Error).message, value);
    }
  }
});

t.test('files that do not fit together are named', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'honeycomb-files-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  t.throws(() => readDefinitions(folder), { message: /ENOENT.*board\.json/ });
  writeFileSync(join(folder, 'board.json'), '{"name":"x","panels":[],"query_annotations":{}}');
  mkdirSync(join(folder, 'queries'));
  writeFileSync(join(folder, 'queries', 'a.json'), '{}');
  t.throws(() => readDefinitions(folder), {
    message: /board\.json has no query_annotations for queries.a\.json/,
  });
});
