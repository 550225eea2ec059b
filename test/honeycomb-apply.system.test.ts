import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { CONFIGURATION_KEY, INGEST_KEY } from '../packages/telemetry/test/doctor/honeycomb/fake-honeycomb.ts';
import type { Step } from '../scripts/lib/honeycomb/apply.ts';
import { applyDefinitions } from '../scripts/lib/honeycomb/apply.ts';
import { HoneycombClient } from '../scripts/lib/honeycomb/client.ts';
import type { Definitions } from '../scripts/lib/honeycomb/definitions.ts';
import { readDefinitions } from '../scripts/lib/honeycomb/definitions.ts';
import type { HoneycombApi } from './helpers/honeycomb-api.ts';
import { honeycombApi } from './helpers/honeycomb-api.ts';
import { ROOT } from './helpers/processes.ts';

const definitions = readDefinitions(join(ROOT, 'honeycomb'));

async function apply(api: HoneycombApi, wanted: Definitions = definitions, write = true) {
  const steps: Step[] = [];
  const address = await applyDefinitions(new HoneycombClient(api.url, CONFIGURATION_KEY), wanted, {
    write,
    onStep: (step) => steps.push(step),
  });
  const of = (action: Step['action']) =>
    steps.filter((step) => step.action === action).map(({ name }) => name);
  return { address, created: of('create'), kept: of('keep') };
}

t.test('a dry run changes nothing and says what is missing', async (t) => {
  const api = await honeycombApi(t);
  const { created, kept } = await apply(api, definitions, false);
  t.strictSame(api.writes, []);
  t.strictSame(kept, []);
  t.match(created, ['request_speed']);
  for (const name of ['Latency of all requests', 'Tandem', 'Requests are slow', 'deploy: Tandem 0.1.0'])
    t.ok(created.includes(name), name);
});

t.test('Honeycomb gets documented bodies, and a second run makes nothing', async (t) => {
  const api = await honeycombApi(t);
  const first = await apply(api);
  t.strictSame(first.kept, []);
  t.match(first.address, /\/board\//);
  const { boards = [], query_annotations: annotations = [], queries = [] } = api.stored;
  t.equal(boards.length, 1);
  const shown = ((boards[0]?.panels ?? []) as { query_panel?: { query_annotation_id: string } }[]).flatMap(
    ({ query_panel: panel }) => annotations.find(({ id }) => id === panel?.query_annotation_id)?.name ?? [],
  );
  t.strictSame(
    shown.toSorted(),
    definitions.queries.map(({ name }) => name).toSorted(),
    'each panel its own query',
  );
  t.equal(queries.length, definitions.queries.length);

  const writes = api.writes.length;
  const again = await apply(api);
  t.strictSame(again.created, []);
  t.equal(api.writes.length, writes);
});

t.test(
  'what somebody set in Honeycomb stays, as do their own board and query of the same name',
  async (t) => {
    const api = await honeycombApi(t);
    const client = new HoneycombClient(api.url, CONFIGURATION_KEY);
    await client.send('POST', '/boards', { name: 'Tandem', type: 'flexible', panels: [] });
    const theirs = await client.send('POST', '/queries/__all__', { calculations: [{ op: 'COUNT' }] });
    await client.send('POST', '/query_annotations/__all__', { name: 'Slowest routes', query_id: theirs.id });
    await apply(api);
    t.equal(api.stored.boards?.length, 2);
    t.strictSame(api.stored.boards?.[0]?.panels, []);
    const named = api.stored.query_annotations?.filter(({ name }) => name === 'Slowest routes');
    t.equal(named?.length, 2, 'theirs and ours');

    const recipients = [{ id: 'r1', type: 'email', target: 'a@example.com' }];
    Object.assign(api.stored.triggers?.[0] ?? {}, { recipients, threshold: { op: '>', value: 500 } });
    const marker = { ...definitions.marker, message: 'Tandem 0.2.0' };
    t.strictSame((await apply(api, { ...definitions, marker })).created, ['deploy: Tandem 0.2.0']);
    t.match(api.stored.triggers?.[0], { recipients, threshold: { value: 500 } });
  },
);

t.test('a run after an interrupted one makes the rest', async (t) => {
  const whole = await honeycombApi(t, { without: ['boards'] });
  await t.rejects(apply(whole), { message: /403, .*forbidden.* Manage Public Boards/ });
  const api = await honeycombApi(t, { columns: ['duration_ms', 'span.kind', 'app.now', 'trace.trace_id'] });
  await t.rejects(apply(api), { message: /422, .*unknown column: (?:error|http\.route).*node tandem load/ });
  const { queries = [], query_annotations: annotations = [] } = api.stored;
  t.ok(queries.length > 0);
  t.equal(queries.length, annotations.length);
  const before = queries.length;
  await t.rejects(apply(api));
  t.equal(queries.length, before, 'nothing twice');
});

t.test('errors name the request and never the key', async (t: Test) => {
  const api = await honeycombApi(t);
  await t.rejects(new HoneycombClient(api.url, 'not-this-key').send('GET', '/boards'), {
    message: /^GET http.*\/1\/boards: 401, .*unknown API key/,
  });
  await t.rejects(new HoneycombClient('http://127.0.0.1:1', 'secret').send('GET', '/boards?secret'), {
    message: /^GET http:\/\/127\.0\.0\.1:1\/1\/boards\?secret: /,
  });
});

/** Runs the command as package.json does, in a folder that has this .env. */
async function runCommand(t: Test, api: HoneycombApi, dotEnv: string, args: readonly string[] = []) {
  const cwd = mkdtempSync(join(tmpdir(), 'honeycomb-apply-'));
  t.teardown(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, '.env'), dotEnv);
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'scripts', 'honeycomb-apply.ts'), ...args],
      { cwd, env: { PATH, NODE_COMPILE_CACHE, TANDEM: 'node tandem', HONEYCOMB_API_ENDPOINT: api.url } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

t.test('the command: a dry run, then --yes, then nothing to do; no key in what it prints', async (t) => {
  const api = await honeycombApi(t);
  const env = `HONEYCOMB_API_KEY=${INGEST_KEY}\nHONEYCOMB_CONFIGURATION_KEY=${CONFIGURATION_KEY}\n`;
  const dry = await runCommand(t, api, env);
  t.equal(dry.code, 0, dry.output);
  t.match(dry.output, /team test, environment test\.\n\ncreate +calculated field +request_speed\n/);
  t.match(dry.output, /Dry run: made nothing\. node tandem honeycomb:apply --yes makes 14 of 14\./);
  t.strictSame(api.writes, []);
  const applied = await runCommand(t, api, env, ['--yes', '--deploy', 'build 7']);
  t.match(applied.output, /create +marker +deploy: build 7\n\nDone: 14 of 14 made\.\nThe board: https:/);
  const again = await runCommand(t, api, env, ['--yes', '--deploy', 'build 7']);
  t.match(again.output, /is there +board +Tandem\n[\s\S]*All of honeycomb\/ is there\./);
  for (const { output } of [dry, applied, again])
    for (const key of [INGEST_KEY, CONFIGURATION_KEY]) t.notMatch(output, key);
});

t.test('the command ends with 1 and says what is missing', async (t) => {
  const api = await honeycombApi(t, { without: ['boards', 'markers'] });
  const none = await runCommand(t, api, `HONEYCOMB_API_KEY=${INGEST_KEY}\n`);
  t.equal(none.code, 1);
  t.match(none.output, /^This needs a configuration key/);
  const line = `HONEYCOMB_CONFIGURATION_KEY=${CONFIGURATION_KEY}\n`;
  const hidden = await runCommand(
    t,
    api,
    `${line}HONEYCOMB_API_KEY=${INGEST_KEY}\nHONEYCOMB_CONFIGURATION_KEY=\n`,
  );
  t.match(hidden.output, /HONEYCOMB_CONFIGURATION_KEY has a value in line 1 .*: delete line 3\./);
  const few = await runCommand(t, api, `HONEYCOMB_CONFIGURATION_KEY=${CONFIGURATION_KEY}\n`);
  t.equal(few.code, 1);
  t.match(few.output, /\/1\/boards: 403, .*needs these permissions: Manage Public Boards, /);
  const other = await runCommand(t, api, `HONEYCOMB_CONFIGURATION_KEY=${CONFIGURATION_KEY.toLowerCase()}\n`);
  t.equal(other.code, 1);
  t.match(other.output, /^Honeycomb: key refused \(401\)/);
  const classic = await honeycombApi(t, { environment: '' });
  t.match(
    (await runCommand(t, classic, `HONEYCOMB_CONFIGURATION_KEY=${CONFIGURATION_KEY}\n`)).output,
    /Honeycomb Classic, which has no environments/,
  );
  t.match(
    (await runCommand(t, api, '', ['--please'])).output,
    /--please'[\s\S]*\nUsage: node tandem honeycomb:apply/,
  );
  t.strictSame([...api.writes, ...classic.writes], []);
});
