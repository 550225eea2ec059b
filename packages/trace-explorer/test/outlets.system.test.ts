import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { until } from '../../../test/helpers/until.ts';
import { readSavedTrace } from '../src/core/saved-trace/saved-trace.ts';
import { command } from './core/command/planted.ts';
import { runsIn } from './core/command/run-command.ts';
import { SECRETS } from './secrets.ts';

// Each command is a process.
t.setTimeout(300_000);

const FASTIFY = realpathSync(dirname(fileURLToPath(import.meta.resolve('fastify'))));
const KINDS = Object.values(SECRETS);
/** A route for each kind of secret, which fails twice with a message that has it, and a call to an address that has it. */
const APP = `
  const app = require('fastify')();
  const texts = ${JSON.stringify(KINDS.map(({ text }) => text))};
  const nameOf = (index) => 'route-' + String.fromCharCode(97 + index);
  texts.forEach((text, index) => app.get('/' + nameOf(index), async () => { throw new Error('refused: ' + text); }));
  app.listen({ port: 0 }).then(async (url) => {
    for (let index = 0; index < texts.length; index++)
      for (let times = 0; times < 2; times++) await (await fetch(url + '/' + nameOf(index))).text();
    await app.close();
  });
`;

const work = t.testdir({
  'package.json': '{"name":"shop"}',
  'shop.cjs': APP,
  node_modules: { fastify: t.fixture('symlink', FASTIFY) },
});
const { start, startExplorer } = runsIn(work);
const { port, beside } = await startExplorer(t);
const page = `http://127.0.0.1:${port}`;
const textOf = async (path: string, body?: object) => {
  const accept = 'application/json, text/event-stream';
  const headers = { 'content-type': 'application/json', accept };
  const given = body && { method: 'POST', headers, body: JSON.stringify(body) };
  return (await fetch(`${page}${path}`, given)).text();
};
/** The answer of a tool, which may come as an event. */
const rpc = async (method: string, params: object) =>
  JSON.parse((await textOf('/mcp', { jsonrpc: '2.0', id: 1, method, params })).replace(/^[^{]*/, '')).result;

/** Where the trace of a run comes out, for others and for whoever has the explorer. */
const forOthers: Record<string, string> = {};
const stored: Record<string, string> = {};
let [run, traceIds] = ['', [] as string[]];

t.test('a run fails with each kind of secret', async (t) => {
  const options = [...beside, '--json', 'ending.json'];
  const env = { OTEL_TRACES_EXPORTER: '', OTEL_LOGS_EXPORTER: '', XDG_DATA_HOME: join(work, 'home') };
  const github = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: work, GITHUB_STEP_SUMMARY: '' };
  const { said, ended } = start(t, ['--', process.execPath, 'shop.cjs'], options, { ...env, ...github });
  t.equal(await ended, 0, said.err);
  forOthers['the ending and warnings of run'] = said.out + said.err;
  const facts = readFileSync(join(work, 'ending.json'), 'utf8');
  forOthers['run --json'] = facts;
  run = JSON.parse(facts).run;
  t.match(said.err, /::warning/);
  const { traces } = await until(async () => {
    const answer = JSON.parse(await textOf('/api/traces?limit=200'));
    return answer.traces.length >= 2 * KINDS.length && answer;
  });
  traceIds = traces.map(({ trace_id }: { trace_id: string }) => trace_id);
});

t.test('it comes out by each outlet', async (t) => {
  const ask = async (...args: string[]) => {
    const { out, err } = await command(t, work, [...args, '--url', page]);
    return out + err;
  };
  const { tools } = await rpc('tools/list', {});
  for (const { name } of tools)
    for (const traceId of name === 'get_trace' ? traceIds : [''])
      forOthers[`MCP ${name}`] =
        (forOthers[`MCP ${name}`] ?? '') +
        JSON.stringify(
          await rpc('tools/call', {
            name,
            arguments: { characters: 32_000, ...(traceId && { trace_id: traceId }) },
          }),
        );
  const known = ['--known', join(work, 'tandem-known.json')]; // not that of the repository around
  forOthers.report = await ask('report', run, '--sarif', 'run.sarif');
  forOthers['report --json'] = await ask('report', run, '--json');
  forOthers['report --sarif'] = readFileSync(join(work, 'run.sarif'), 'utf8');
  forOthers['known add'] = await ask(
    'known',
    'add',
    'all',
    '--run',
    run,
    '--by',
    'ann',
    '--why',
    'later',
    ...known,
  );
  forOthers['tandem-known.json'] = readFileSync(join(work, 'tandem-known.json'), 'utf8');
  forOthers.known = await ask('known', '--run', run, ...known);
  forOthers.compare = await ask('compare', run, run);
  forOthers['trace --mermaid'] = await ask('trace', traceIds[0] ?? '', '--mermaid');
  for (const traceId of traceIds) {
    const saved = await readSavedTrace(await textOf(`/api/traces/${traceId}/page`));
    forOthers['a saved page'] = (forOthers['a saved page'] ?? '') + JSON.stringify(saved);
    stored.export = (stored.export ?? '') + (await textOf(`/api/export?trace_id=${traceId}`));
    stored.trace = (stored.trace ?? '') + (await textOf(`/api/traces/${traceId}/outline`));
  }
  stored['/api/causes'] = await textOf('/api/causes?time_range=86400');
  stored['/api/report'] = await textOf(`/api/report?run=${run}&sightings=true`);
  for (const [outlet, text] of Object.entries(forOthers)) t.ok(text.length > 20, outlet);
  for (const name of ['report', 'report --sarif', 'known', 'a saved page', 'MCP what_is_wrong'])
    t.match(forOthers[name], 'REDACTED', name);
});

for (const [kind, { secret }] of Object.entries(SECRETS))
  t.test(`${kind}: in nothing that is for others, and in what is stored`, async (t) => {
    const written = [secret, JSON.stringify(secret).slice(1, -1)];
    const has = (text: string) => written.some((each) => text.includes(each));
    for (const [outlet, text] of Object.entries(forOthers)) t.notOk(has(text), outlet);
    for (const [outlet, text] of Object.entries(stored)) t.ok(has(text), outlet);
  });
