import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import t from 'tap';
import { runCli } from '../../core/command/run-cli.ts';
import { call, connect } from '../../core/tools/agent.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { storeLogs, storeSpans, temporaryDirectory } from '../../spans.ts';
import { BY_NAME, pulledLogs, pulledSpans } from './pulled-spans.ts';

const { app, store, get } = await temporaryExplorer(t);
await storeSpans(store, pulledSpans());
await storeLogs(store, pulledLogs());
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
const folder = temporaryDirectory(t);
const client = await connect(t, new StreamableHTTPClientTransport(new URL(`${url}/mcp?tools=all`)));

async function ask(spec: object) {
  const post = async (path: string, payload: object) =>
    (await app.inject({ method: 'POST', url: path, payload })).json();
  const { id } = await post('/1/queries/__all__', spec);
  return (await post('/1/query_results/__all__', { query_id: id })).data;
}

t.test('an answer says that all of its numbers are estimates', async (t) => {
  const { results, info, notes } = await ask(BY_NAME);
  const of = (name: string) => results.find(({ data }: { data: { name: string } }) => data.name === name);
  t.equal(of('GET /often').data.COUNT, 9000);
  t.same(Object.keys(of('GET /often')), ['data'], 'rows have nothing beside their data');
  t.match(info, { estimated: true });
  t.equal(notes, undefined);
});

t.test('the command, the tool and triggers say estimates', async (t) => {
  const file = join(folder, 'query.json');
  writeFileSync(file, JSON.stringify(BY_NAME));
  const { out } = await runCli('query', [file, '--url', url]);
  t.match(out, /GET \/often +≈ 9000 +≈ \d+ +≈ 324\.5 +≈ 324\.5 +≈ 54[0-9.]+ +≈ 549\n/);
  t.match(out, /GET \/some +≈ 400 .*≈ 139\n/);
  t.match(out, /GET \/two +≈ 100 /);
  const { body } = await call(client, 'run_query', { query_spec: BY_NAME });
  t.match(
    body.rows.find(({ name }: { name: string }) => name === 'GET /some'),
    {
      COUNT: '≈ 400',
      'P50(duration_ms)': /^≈ 1[12]\d/,
      'MAX(duration_ms)': '≈ 139',
    },
  );
});

t.test('the map says what a query says', async (t) => {
  const { body } = await get('/api/map');
  const shop = body.services.find(({ name }: { name: string }) => name === 'shop');
  t.ok(shop.stored > 500 && shop.stored < shop.count);
  t.ok(shop.p99_ms > shop.p50_ms);
  const { body: told } = await call(client, 'get_service_map');
  const database = told.services.find(({ name }: { name: string }) => name === 'postgresql');
  t.match(database, {
    count: '≈ 3600',
    p50_ms: '≈ 8',
    p95_ms: '≈ 8',
    p99_ms: '≈ 8',
    total_ms: '≈ 28800',
    errors: '≈ 0',
    stored: 360,
  });
  t.match(
    told.calls.find(({ to }: { to: string }) => to === 'postgresql'),
    { from: 'shop', count: '≈ 3600' },
  );
  t.match(
    told.services.find(({ name }: { name: string }) => name === 'shop'),
    { errors: /^≈ 12700$/, p50_ms: /^≈ \d/ },
  );
});

t.test('BubbleUp says that its sides are estimates', async (t) => {
  const compare = async (name: string) =>
    (
      await call(client, 'run_bubbleup', {
        query_spec: BY_NAME,
        selection: { filters: [{ column: 'name', op: '=', value: name }] },
        compare: 'events',
      })
    ).body;
  const often = await compare('GET /often');
  t.match(often, { selection: { events: '≈ 9000' }, baseline: { events: '≈ 13400' } });
  t.ok(often.fields.length > 0);
  const two = await compare('GET /two');
  t.match(two, { selection: { events: '≈ 100' } });
  t.ok(two.fields.length > 0);
});

t.test('what the engine counted is no line of a service, and no sentence says pulled', async (t) => {
  const { body: density } = await get('/api/logs/density');
  t.equal(density.total, 1);
  const { body: page } = await get('/api/logs');
  t.same(
    page.logs.map(({ body }: { body: string }) => body),
    ['taken'],
  );
  const { body: status } = await get('/api/status');
  t.same(
    status.services.map(({ name, logs }: { name: string; logs: number }) => `${name}: ${logs}`).sort(),
    ['mailer: 0', 'shop: 1'],
    'the name of the pull is no service',
  );
  for (const path of ['/api/logs/density', '/api/causes?time_range=3600', '/api/map', '/api/runs'])
    t.notMatch(JSON.stringify((await get(path)).body), /\bpulled\b/, path);
});

t.test('check says of a sample what it says', async (t) => {
  const file = join(folder, 'checks.json');
  const about = (name: string, op: string, value: number) => ({
    name: `${op} of ${name}`,
    query: {
      calculations: [op === 'COUNT' ? { op } : { op, column: 'duration_ms' }],
      filters: [{ column: 'name', op: '=', value: name }],
    },
    threshold: { op: '>', value },
    frequency: 1800,
  });
  const loop = { name: 'loops', finding: 'repeated-call', threshold: { op: '>', value: 200 } };
  writeFileSync(
    file,
    JSON.stringify([
      about('GET /often', 'COUNT', 5),
      about('GET /some', 'P95', 500),
      about('GET /two', 'P95', 5),
      about('GET /none', 'COUNT', 0),
      loop,
    ]),
  );
  const { code, out, error } = await runCli('check', [file, '--url', url]);
  t.equal(code, 1, out + error);
  t.match(out, /COUNT of GET \/often: COUNT is ≈ 9000,/);
  t.match(out, /P95 of GET \/some: P95\(duration_ms\) is ≈ 1\d\d/);
  t.match(out, /P95 of GET \/two: no data, too few stored events/);
  t.match(out, /COUNT of GET \/none: COUNT is 0, would fire/);
  t.match(out, /loops: COUNT\(repeated-call\): ≈ 300 traces, seen in 30, fires/);
});

t.test('a cause says how many there are, and in how many it was seen', async (t) => {
  const { body } = await get('/api/causes?time_range=3600&seconds=20');
  t.ok(body.of_estimated > body.of);
  t.match(body.notes, [/^Whether a queue grows is not known of orders/]);
  const errors = (body.causes as { message?: string }[]).find(({ message }) => message === 'no stock');
  t.match(errors, { traces: 12_600, estimated: true, seen: 30 });
  const loop = (body.causes as { rule: string }[]).find(({ rule }) => rule === 'repeated-call');
  t.match(loop, { counted: 'looked', traces: 300, estimated: true, seen: 30 });
  const told = (await call(client, 'what_is_wrong')).body;
  const of = (of: string) =>
    told.causes.find(({ sentence }: { sentence: string }) => sentence.includes(of))?.how_many;
  // In traces where a busy machine did not look at all of them in time.
  t.match(of('no stock'), /^≈ 12,600 (?:requests|traces), seen in 30$/);
  t.match(of('gone away'), /^≈ 100 (?:requests|traces), seen in 2$/);
  t.match(told.notes, [/orders/]);
});

t.test('so does a report, and what a run says at its end', async (t) => {
  const { out } = await runCli('report', ['pull', '--url', url]);
  t.match(out, /no stock.*≈ 12,600 requests, seen in 30\b/);
  t.match(out, /gone away.*≈ 100 requests, seen in 2\b/);
  const { body } = await get('/api/verdict?run=pull');
  t.equal(body.sampled, true);
  t.match(
    body.causes.find(({ sentence }: { sentence: string }) => sentence.includes('no stock')),
    { seen: 30, requests: 12_600 },
  );
});
