import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { freePort, startNode, untilReady } from '../../../../../test/helpers/processes.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { ExplorerClient } from '../../../src/core/command/client/explorer-client.ts';
import { importFrom } from '../../../src/core/command/files/import-from.ts';
import { runCli, startCli } from '../../core/command/run-cli.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import { storeSpans, temporaryDirectory } from '../../spans.ts';
import { compact, recordedEngine, spanRow, TRACE } from './recorded-engine.ts';

type Test = Parameters<typeof recordedEngine>[0];

/** The file of a pull of one trace. */
async function pulledFile(t: Test): Promise<string> {
  const { address } = await recordedEngine(t);
  const file = join(temporaryDirectory(t), 'prod.gz');
  const { code, error } = await runCli('pull', [address, '--save', file, '--name', 'prod']);
  if (code !== 0) throw new Error(error);
  return file;
}

async function listening(t: Test) {
  const explorer = await temporaryExplorer(t);
  await explorer.app.listen({ port: 0, host: '127.0.0.1' });
  return { ...explorer, url: `http://127.0.0.1:${(explorer.app.server.address() as AddressInfo).port}` };
}

t.test('import stores a pull in an empty store, with what the engine counted, and once', async (t) => {
  const file = await pulledFile(t);
  const { get, url } = await listening(t);
  const first = await runCli('import', [file, '--url', url]);
  t.equal(first.code, 0, first.error);
  t.match(first.out, /prod\.gz: 1 span, 1 log record\n/);
  const { body } = await get('/api/overview?time_range=7200');
  t.match(body, { counted: { name: 'prod', traces: 1, pulled: 1 }, spans: 1 });
  const causes = await get('/api/causes?time_range=7200');
  t.equal(causes.body.of, 1, 'what the engine counted is no trace');
  const again = await runCli('import', [file, '--url', url]);
  t.match(again.out, /0 spans, 2 already stored/);
  const other = await runCli('import', [await pulledFile(t), '--url', url]);
  t.match(other.out, /1 span/, 'another pull');
});

t.test('import mixes a pull with other traffic only where it is told so', async (t) => {
  const file = await pulledFile(t);
  const { store, url, app } = await listening(t);
  await storeSpans(store, [{ start: at(0), name: 'GET /here' }]);
  const refused = await runCli('import', [file, '--url', url]);
  t.equal(refused.code, 1);
  t.match(refused.error, /prod\.gz: .*pulled.*--mix.*DATA_DIR/);
  t.equal(store.stats().spans + store.stats().logs, 1, 'nothing of it is stored');
  const payload = {
    resourceSpans: [
      { resource: { attributes: [{ key: 'tandem.pull.name', value: { stringValue: 'prod' } }] } },
    ],
  };
  const answer = await app.inject({ method: 'POST', url: '/api/import', payload });
  t.equal(answer.statusCode, 200, 'the facts alone change nothing');
  const told = await runCli('import', [file, '--url', url, '--mix']);
  t.equal(told.code, 0, told.error);
  t.match(told.out, /1 span, 1 log record/);
  const report = await runCli('report', [file]);
  t.equal(report.code, 0, report.error);
});

t.test('a pull that is imported is not sent on, and what services send is', async (t) => {
  const there = await startOtlpReceiver();
  t.teardown(() => there.close());
  const [page, otlp] = [await freePort(), await freePort()];
  const explorer = startNode('packages/trace-explorer', ['start.js'], {
    DATA_DIR: temporaryDirectory(t),
    PORT: String(page),
    OTLP_PORT: String(otlp),
    OTLP_GRPC_PORT: 'off',
    EXPLORER_FORWARD: there.url,
  });
  t.teardown(() => explorer.stop('SIGKILL'));
  await untilReady(explorer, `http://127.0.0.1:${page}/health/ready`);
  const imported = await runCli('import', [await pulledFile(t), '--url', `http://127.0.0.1:${page}`]);
  t.match(imported.out, /1 span, 1 log record/, imported.error);
  const span = {
    traceId: 'c'.repeat(32),
    spanId: 'd'.repeat(16),
    name: 'GET /sent',
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
  };
  await fetch(`http://127.0.0.1:${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  await there.waitFor(() => there.spans().length > 0);
  t.same(
    there.spans().map(({ name }) => name),
    ['GET /sent'],
  );
});

t.test('the progress of an import says the name that is given, and not a temporary path', async (t) => {
  const file = await pulledFile(t);
  const said: string[] = [];
  t.intercept(process.stderr, 'write', { value: (line: string) => said.push(line) > 0 });
  t.intercept(process.stderr, 'isTTY', { value: true }); // where it is said sooner
  const client = new ExplorerClient('http://127.0.0.1:1');
  const slow = async () => {
    await until(() => said.length > 0, { what: () => 'the progress' });
    return Response.json({ spans: 1, logs: 0, known: 0, rejected: 0, rejected_reason: '', trace_ids: [] });
  };
  Object.defineProperty(client, 'send', { value: slow });
  t.match(await importFrom(client, file, { name: 'prod' }), /^prod: /);
  t.match(said.join(''), /prod: .* so far/);
  t.notMatch(said.join(''), file);
});

for (const [signal, isShown] of [
  ['SIGINT', true],
  ['SIGTERM', false],
] as const)
  t.test(`${signal} ends a pull without --save: what came is ${isShown ? '' : 'not '}shown`, async (t) => {
    const rows = ['1', '2'].map((digit) => spanRow(TRACE, digit.repeat(16)));
    const whole = compact(rows);
    let isRunning = false;
    const { address } = await recordedEngine(t, ({ sql, response }) => {
      if (!sql.startsWith('SELECT toString(cityHash64(TraceId)), TraceId, SpanId')) return undefined;
      isRunning = true;
      response.write(whole.slice(0, whole.indexOf('\n\t],\n\n\t"rows"') + 1));
      return null;
    });
    const work = temporaryDirectory(t);
    const { child, output } = startCli('pull', [address, '--name', 'prod'], { TMPDIR: work });
    const closed = once(child, 'close');
    await until(
      () => isRunning && readdirSync(work).some((each) => readdirSync(join(work, each)).length > 0),
      {
        what: () => output.error,
      },
    );
    child.kill(signal);
    child.kill(signal); // one of the terminal, and one of the parent process
    if (isShown) {
      const url = await until(() => /Traces: (\S+)/.exec(output.out)?.[1], { what: () => output.error });
      const { origin, searchParams } = new URL(url);
      const range = `start_time=${searchParams.get('start')}&end_time=${searchParams.get('end')}`;
      const overview = await (await fetch(`${origin}/api/overview?${range}`)).json();
      t.match(overview, { counted: { part: 'it was stopped' }, spans: 2 });
      child.kill(signal);
    }
    await closed;
    t.match(output.error, /It is a part: it was stopped/);
    t.equal(output.out.includes('Traces: '), isShown);
    t.same(readdirSync(work), []);
  });
