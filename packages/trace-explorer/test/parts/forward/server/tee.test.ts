import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeExportResponse, encodeLogs, encodeTraces, logsToJson, tracesToJson } from '@tandem/otlp';
import { decoded, decodedLogs } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import { callGrpc, prefixed } from '../../../core/receiver/call-grpc.ts';
import { temporaryStore } from '../../../spans.ts';
import { backend, isBalanced, ofDataset, PAGE, PROTOBUF, spans, start } from './started-tee.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const GZIP = { ...PROTOBUF, 'content-encoding': 'gzip' };

/** An explorer's receiver without a tee. */
async function buildEnd(t: Test) {
  const app = await buildReceiver({ store: await temporaryStore(t) });
  t.teardown(() => app.close());
  return { base: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

t.test('each signal goes on as it came, in any form and over either protocol', async (t) => {
  const there = await backend(t);
  const { post, port, tee } = await start(t, there.url, { headers: { 'x-key': 'k' } });
  const [plain, packed] = [spans('plain'), gzipSync(spans('packed'))];
  const records = decodedLogs([{ body: 'a line' }]);
  const metrics = Buffer.from('0a021200', 'hex');
  t.equal((await post(plain)).status, 200);
  await there.waitFor(() => there.accepted.includes('plain'));
  t.same(there.requests[0]?.packed, plain);
  t.equal(there.requests[0]?.headers['x-key'], 'k');
  await post(packed, GZIP);
  await there.waitFor(() => there.accepted.includes('packed'));
  t.same(there.requests[1]?.packed, packed, 'what came packed goes on packed');
  await post(zstdCompressSync(spans('zstd')), { ...PROTOBUF, 'content-encoding': 'zstd' });
  await post(JSON.stringify(tracesToJson(decoded([{ name: 'json' }]).scopeSpans)), JSON_TYPE);
  await callGrpc(port, prefixed(spans('grpc')));
  await post(encodeLogs(records), PROTOBUF, 'logs');
  await post(JSON.stringify(logsToJson(records.scopeLogs)), JSON_TYPE, 'logs');
  await post(gzipSync(metrics), GZIP, 'metrics');
  await post(' {"resourceMetrics":[]}', JSON_TYPE, 'metrics');
  await there.waitFor(() => ['zstd', 'json', 'grpc'].every((name) => there.accepted.includes(name)));
  await there.waitFor(() => there.acceptedLogs.length === 2 && there.metricRequests.length === 2);
  t.same(there.acceptedLogs, ['a line', 'a line']);
  const [first, second] = there.metricRequests;
  t.same(first && gunzipSync(first.packed), metrics);
  t.same(second?.packed.toString(), '{"resourceMetrics":[]}');
  t.equal(second?.headers['content-type'], 'application/json');
  await until(() => tee.status().metrics.forwarded === 2 && tee.status().traces.forwarded === 5);
  t.match(tee.status(), {
    traces: { taken: 5, waiting: 0, refused: 0, dropped: 0 },
    logs: { taken: 2, forwarded: 2 },
    problems: [],
  });
});

t.test('a body is on disk before its sender is answered, who never waits for the other place', async (t) => {
  const there = await backend(t);
  there.answer = () => 'hang';
  const { post, waiting, count } = await start(t, there.url);
  const body = spans('kept');
  t.equal((await post(body)).status, 200);
  const [file] = waiting();
  t.same(file && readFileSync(join(file.parentPath, file.name)), body);
  t.match(count(), { taken: 1, forwarded: 0, waiting: 1 });
});

t.test(
  'another explorer sends what one has left, and a body that was refused for good is not kept',
  async (t) => {
    const there = await backend(t);
    there.answer = () => ({ status: 401, body: 'no key' });
    const first = await start(t, there.url);
    await first.post(spans('left'));
    await until(() => first.tee.status().problems.length > 0);
    t.match(first.tee.status().problems, [/401, it refused the key.*Check EXPLORER_FORWARD_HEADERS/]);
    await first.stop();
    t.same(there.accepted, []);
    there.answer = () => ({ status: 200 });
    const second = await start(t, there.url, {}, first.directory);
    await there.waitFor(() => there.accepted.includes('left'));
    await until(() => second.waiting().length === 0);
    t.match(second.count(), { taken: 0, forwarded: 1, waiting: 0 });
    there.answer = () => ({ status: 400, body: 'never' });
    await second.post(spans('refused'));
    await until(() => second.count().refused === 1);
    t.match(second.tee.status().problems, [/400.*never/]);
    t.equal(second.count().waiting, 0);
    const elsewhere = await start(t, 'http://127.0.0.1:9', {}, first.directory);
    t.equal(elsewhere.count().waiting, 0, 'what waits for one place does not go to another');
  },
);

t.test('bodies that wait are joined, and one that is refused does not spoil the others', async (t) => {
  const there = await backend(t);
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const isBad = (body: Buffer) => body.includes('bad');
  there.answer = async ({ body }) => {
    await opened;
    return { status: isBad(body) ? 400 : 200 };
  };
  const { post, count } = await start(t, there.url);
  const names = Array.from({ length: 120 }, (_, i) => (i === 60 ? 'bad' : `span ${i}`));
  for (const [i, name] of names.entries())
    await (i % 3 === 0 ? post(gzipSync(spans(name)), GZIP) : post(spans(name)));
  open();
  await until(() => count().waiting === 0);
  t.same(there.accepted.toSorted(), names.filter((name) => name !== 'bad').toSorted());
  t.match(count(), { taken: 120, forwarded: 119, refused: 1, dropped: 0 });
  t.ok(there.requests.length < 100, `${there.requests.length} requests`);
});

t.test('a body that is too large there is halved until it fits', async (t) => {
  const there = await backend(t);
  there.answer = ({ spanNames }) => ({
    status: spanNames.length > 3 || spanNames.includes('huge') ? 413 : 200,
  });
  const { post, count } = await start(t, there.url);
  const names = Array.from({ length: 20 }, (_, i) => (i === 7 ? 'huge' : `span ${i}`));
  await post(gzipSync(spans(...names)), GZIP);
  await until(() => count().waiting === 0);
  t.same(
    there.accepted,
    names.filter((name) => name !== 'huge'),
  );
  t.match(count(), { taken: 20, forwarded: 19, refused: 1 });
});

t.test('what part of a request was refused there is counted', async (t) => {
  const there = await backend(t);
  const body = encodeExportResponse('traces', { rejected: 1, errorMessage: 'one is old' }, 'protobuf');
  there.answer = () => ({ status: 200, headers: PROTOBUF, body });
  const { post, count, tee } = await start(t, there.url);
  await post(spans('old', 'new'));
  await until(() => count().refused === 1);
  t.match(count(), { forwarded: 1 });
  t.match(tee.status().problems, [/one is old/]);
});

t.test(
  'what a login page answers with 200 stays on disk, and goes on once the receiver answers',
  async (t) => {
    const there = await backend(t);
    const { answer } = there;
    there.answer = () => ({ status: 200, body: '<html><title>Sign in</title></html>' });
    const { post, count, tee } = await start(t, there.url);
    const json = JSON.stringify(tracesToJson(decoded([{ name: 'json' }]).scopeSpans));
    await post(spans('one'));
    await post(json, JSON_TYPE);
    await post(encodeLogs(decodedLogs([{ body: 'a line' }])), PROTOBUF, 'logs');
    await until(() => tee.status().problems.length === 2);
    for (const problem of tee.status().problems)
      t.match(problem, /a web page answers there, .*"HTML: Sign in".*EXPLORER_FORWARD needs/);
    t.match(tee.status(), { traces: { forwarded: 0, waiting: 2 }, logs: { forwarded: 0, waiting: 1 } });
    there.answer = answer;
    await until(() => count().forwarded === 2 && tee.status().logs.forwarded === 1);
    t.same(tee.status().problems, []);
  },
);

t.test(
  'a warning there, and an answer that is none of OTLP, are said, and nothing is sent twice',
  async (t) => {
    const there = await backend(t);
    const { post, count, tee } = await start(t, there.url);
    for (const [index, [body, said]] of [
      ['{"partialSuccess":{"errorMessage":"name missing"}}', /took all, with a warning \("name missing"\)/],
      ['ok', /not as OTLP does \("ok"\)/],
    ].entries()) {
      there.answer = () => ({ status: 200, body: String(body) });
      await post(spans('one'));
      await until(() => count().forwarded === index + 1);
      t.match(tee.status().problems, [said]);
    }
    t.match(count(), { refused: 0, waiting: 0 });
    t.equal(there.requests.length, 2);
  },
);

t.test('at the cap the oldest are dropped and counted, whatever dataset they are of', async (t) => {
  const there = await backend(t);
  there.answer = () => ({ status: 401 });
  const { post, count, tee } = await start(t, there.url, { maxBytes: 3 * 2 ** 20 });
  const large = (name: string) => spans(`${name} ${'x'.repeat(1.2 * 2 ** 20)}`);
  await post(large('first'), { ...PROTOBUF, 'x-honeycomb-dataset': 'a/b' });
  await until(() => tee.status().problems.length > 0);
  for (const name of ['second', 'third'])
    await post(large(name), { ...PROTOBUF, 'x-honeycomb-dataset': name });
  await until(() => count().dropped === 1);
  t.match(count(), { taken: 3, waiting: 2 });
});

t.test('a body that arrives slowly goes on, however many other datasets send meanwhile', async (t) => {
  const there = await backend(t);
  const { post, port, count } = await start(t, there.url);
  const body = Buffer.from(spans('slow'));
  const slow = request({
    port,
    method: 'POST',
    path: '/v1/traces',
    headers: { ...ofDataset('slow'), 'content-length': body.byteLength },
  });
  const answered = new Promise<number | undefined>((resolve) =>
    slow.once('response', (response) => resolve(response.resume().statusCode)),
  );
  slow.write(body.subarray(0, 10));
  for (let i = 0; i < 40; i++) await post(spans(`quick ${i}`), ofDataset(`d${i}`));
  slow.end(body.subarray(10));
  t.equal(await answered, 200);
  await until(() => count().forwarded === 41, { what: () => JSON.stringify(count()) });
  t.match(count(), { taken: 41, waiting: 0, dropped: 0 });
});

t.test('a dataset whose name is too long for a folder stays here, and is counted as dropped', async (t) => {
  const there = await backend(t);
  const { post, count, tee } = await start(t, there.url);
  t.equal((await post(spans('long'), ofDataset('x'.repeat(500)))).status, 200);
  t.match(count(), { taken: 1, waiting: 0, dropped: 1 });
  t.match(tee.status().problems, [/x-honeycomb-dataset is too long/]);
});

t.test('at every moment what was taken is forwarded, waits, was refused, or is dropped', async (t) => {
  const there = await backend(t);
  let asked = 0;
  // Halves of halves, of which some are asked for again.
  there.answer = ({ spanNames }) => ({
    status: ++asked % 5 === 3 ? 503 : spanNames.length > 3 || spanNames.includes('huge') ? 413 : 200,
  });
  const { post, count, tee } = await start(t, there.url);
  const wrong: unknown[] = [];
  const watch = setInterval(() => {
    const { traces } = tee.status();
    if (!isBalanced(traces)) wrong.push(traces);
  }, 1);
  t.teardown(() => clearInterval(watch));
  const names = Array.from({ length: 20 }, (_, i) => (i === 7 ? 'huge' : `span ${i}`));
  for (let i = 0; i < 10; i++) await post(spans(...names), ofDataset(`d${i}`));
  await until(() => count().waiting === 0, { limitMs: 60_000 });
  t.same(wrong, []);
  t.match(count(), { taken: 200, forwarded: 190, refused: 10, dropped: 0 });
});

t.test('a killed explorer leaves its bodies to the next one, also where the clock went back', async (t) => {
  const there = await backend(t);
  const { answer } = there;
  there.answer = () => ({ status: 503 });
  const killed = await start(t, there.url);
  for (let i = 0; i < 5; i++) await killed.post(spans(`span ${i}`));
  await killed.stop();
  const anHourOn = Date.now() + 3_600_000;
  for (const { parentPath, name } of killed.waiting())
    renameSync(join(parentPath, name), join(parentPath, `${name.replace(/\.\d+$/, '')}.${anHourOn}`));
  there.answer = answer;
  const { count } = await start(t, there.url, {}, killed.directory);
  await until(() => count().forwarded === 5, { what: () => JSON.stringify(count()) });
  t.match(count(), { waiting: 0, dropped: 0 });
});

t.test('what the disk has no room for goes on from memory', async (t) => {
  const there = await backend(t);
  const { answer } = there;
  there.answer = () => ({ status: 503 });
  const { post, count, directory, waiting } = await start(t, there.url);
  // A file where the folder has to be: the disk takes no body of the tee.
  const folder = () => readdirSync(join(directory, 'spool', 'trace-explorer')).at(0) ?? '';
  await post(spans('kept'));
  const traces = join(directory, 'spool', 'trace-explorer', folder(), 'traces');
  writeFileSync(join(traces, '@full'), '');
  for (let i = 0; i < 3; i++) t.equal((await post(spans(`in memory ${i}`), ofDataset('full'))).status, 200);
  t.match(count(), { taken: 4, waiting: 4, dropped: 0 });
  there.answer = answer;
  await until(() => count().forwarded === 4, { what: () => JSON.stringify(count()) });
  t.match(count(), { waiting: 0, dropped: 0 });
  t.same(there.accepted.toSorted(), ['in memory 0', 'in memory 1', 'in memory 2', 'kept']);
  await until(() => waiting().every(({ name }) => !name.includes('.spans')));
});

t.test('lines of code stay here unless somebody asks', async (t) => {
  const attributes = { 'code.file.path': 'src/secret.js', 'code.line.number': 31, tier: 'shown' };
  const content = [{ name: 'called', attributes }];
  for (const [withCode, redacted] of [
    [false, []],
    [false, ['user.id']],
    [true, []],
  ] as const) {
    const there = await backend(t);
    const { post } = await start(t, there.url, { withCode, redacted });
    await post(gzipSync(encodeTraces(decoded(content))), GZIP);
    await post(JSON.stringify(tracesToJson(decoded(content).scopeSpans)), JSON_TYPE);
    await post(encodeLogs(decodedLogs([{ body: 'called', attributes }])), PROTOBUF, 'logs');
    await there.waitFor(() => there.accepted.length === 2 && there.acceptedLogs.length === 1);
    for (const { body } of [...there.requests, ...there.logRequests]) {
      t.equal(/code\.|secret/.test(body.toString('latin1')), withCode);
      t.match(body.toString('latin1'), 'shown');
    }
  }
});

t.test(
  'a dataset of the sender goes on, and names of attributes are redacted under all their names, and where they are repeated',
  async (t) => {
    const there = await backend(t);
    const { post, tee } = await start(t, there.url, {
      redacted: ['url.full', 'user.*', 'client.address', 'db.query.text'],
    });
    const attributes = {
      'http.url': 'secret one',
      'url.query': 'secret five',
      'net.peer.ip': 'secret six',
      'db.query.summary': 'secret seven',
      'user.name': 'secret two',
      tier: 'shown',
      user: { map: { id: 'secret 3' } },
    };
    const content = [
      { name: 'redacted', attributes, events: [{ name: 'e', attributes: { 'url.full': 'secret 4' } }] },
    ];
    await post(gzipSync(encodeTraces(decoded(content))), { ...GZIP, 'x-honeycomb-dataset': 'shop/eu' });
    await post(JSON.stringify(tracesToJson(decoded(content).scopeSpans)), JSON_TYPE);
    await there.waitFor(() => there.accepted.length === 2);
    for (const { body } of there.requests) {
      t.notMatch(body.toString('latin1'), /secret/);
      t.match(body.toString('latin1'), /REDACTED[\s\S]*shown/);
    }
    t.match(
      there.requests.map(({ headers }) => headers['x-honeycomb-dataset']),
      ['shop/eu'],
    );
    await post('{"resourceMetrics":[]}', JSON_TYPE, 'metrics');
    t.match(tee.status(), { metrics: { dropped: 1 }, problems: [/Metrics in JSON/] });
  },
);

t.test(
  'no loops: what this explorer has sent on is refused, and the page’s own spans stay here',
  async (t) => {
    const there = await backend(t);
    const { post, tee, base } = await start(t, there.url);
    await post(spans('page'), { ...PROTOBUF, origin: PAGE });
    await post(spans('other page'), { ...PROTOBUF, origin: 'http://localhost:8080' });
    await there.waitFor(() => there.accepted.length > 0);
    t.same(there.accepted, ['other page']);
    const marked = {
      ...PROTOBUF,
      'tandem-forwarded': String(there.requests[0]?.headers['tandem-forwarded']),
    };
    t.match(await post(spans('again'), marked), { status: 400, text: /sent this on already/ });
    const second = await start(t, base);
    await second.post(spans('through a second explorer'));
    await until(() => second.count().refused === 1);
    t.match(second.tee.status().problems, [/400.*EXPLORER_FORWARD leads back here/]);
    const { base: end } = await buildEnd(t);
    const third = await start(t, end);
    await third.post(spans('to an explorer that keeps it'));
    await until(() => third.count().forwarded === 1);
    t.match(tee.status().traces, { taken: 1 });
    const { post: forward } = await start(t, there.url, { ofPage: true });
    await forward(spans('asked for'), { ...PROTOBUF, origin: PAGE });
    await there.waitFor(() => there.accepted.includes('asked for'));
  },
);

t.test('a round trip of 200 ms carries 200 bodies a second of one span each', async (t) => {
  const there = await backend(t);
  there.answer = () => new Promise((resolve) => setTimeout(resolve, 200, { status: 200 }));
  const { post, count } = await start(t, there.url);
  for (let i = 0; i < 400; i++) await post(spans(`span ${i}`));
  await until(() => count().forwarded === 400);
  // 400 one by one would be 80 s of round trips.
  t.ok(there.requests.length <= 200, `${there.requests.length} requests`);
});

t.test(
  'a file that a killed explorer left torn, and so did not acknowledge, is not counted as dropped',
  async (t) => {
    const there = await backend(t);
    const { answer } = there;
    there.answer = () => ({ status: 503 });
    const killed = await start(t, there.url);
    await killed.post(spans('whole'));
    const [whole] = killed.waiting();
    if (whole === undefined) throw new Error('Nothing waits.');
    await killed.stop();
    writeFileSync(join(whole.parentPath, '000000000000001-00000000-killed_30_9999.spans.1'), 'torn');
    there.answer = answer;
    const { count, waiting } = await start(t, there.url, {}, killed.directory);
    await there.waitFor(() => there.accepted.includes('whole'));
    await until(() => waiting().length === 0);
    t.match(count(), { waiting: 0, refused: 0, dropped: 0 });
  },
);
