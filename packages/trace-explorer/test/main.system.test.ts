import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { IS_NIGHT } from '../../../test/helpers/nightly.ts';
import { freePort } from '../../../test/helpers/processes.ts';
import { callGrpc } from './core/receiver/call-grpc.ts';
import { at, ids } from './explorer.ts';

// At night too: with each thing that keeps the explorer from starting.

const main = join(import.meta.dirname, '../start.js');
const id = ids();

type Test = { teardown(fn: () => unknown): void };

function directoryOf(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'explorer-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function start(t: Test, env: Record<string, string>, options: readonly string[] = []) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [...options, main], {
    env: {
      PATH,
      NODE_COMPILE_CACHE,
      PORT: '0',
      OTLP_PORT: '0',
      OTLP_GRPC_PORT: 'off',
      LOG_LEVEL: 'info',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  return { child, errors: () => Buffer.concat(errors).toString() };
}

async function ready(
  child: ChildProcess,
): Promise<{ port: number; otlpPort: number; otlpGrpcPort?: number }> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    for (const line of text.split('\n').filter((line) => line.includes('is ready'))) return JSON.parse(line);
  }
  throw new Error(`not ready: ${text}`);
}

function otlp(spanId: string): string {
  const span = {
    traceId: id('trace', 16),
    spanId,
    name: 'home-activities-data',
    startTimeUnixNano: String(at(0)),
    endTimeUnixNano: String(at(5)),
    attributes: [{ key: 'app.now', value: { stringValue: 'now' } }],
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'activities-api' } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
}

t.test(
  'the explorer takes spans on one port, answers on the other, and keeps the spans over a restart',
  async (t) => {
    const DATA_DIR = directoryOf(t);
    const first = start(t, { DATA_DIR, OTLP_GRPC_PORT: String(await freePort()) });
    const { port, otlpPort, otlpGrpcPort = 0 } = await ready(first.child);
    const headers = { 'content-type': 'application/json' };
    const sent = await fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, {
      method: 'POST',
      headers,
      body: otlp(id('one')),
    });
    t.equal(sent.status, 200);
    const find = async (at: number) => (await fetch(`http://127.0.0.1:${at}/api/traces`)).json();
    t.match(await find(port), { traces: [{ trace_id: id('trace', 16), spans: 1 }] });
    for (const check of ['live', 'ready'])
      t.equal((await fetch(`http://127.0.0.1:${port}/health/${check}`)).status, 200);

    const query = {
      calculations: [{ op: 'COUNT' }],
      filters: [{ column: 'app.now', op: 'exists' }],
      breakdowns: ['trace.trace_id'],
    };
    const created = await fetch(`http://127.0.0.1:${port}/1/queries/__all__`, {
      method: 'POST',
      headers,
      body: JSON.stringify(query),
    });
    const { id: query_id } = (await created.json()) as { id: string };
    const result = await fetch(`http://127.0.0.1:${port}/1/query_results/__all__`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query_id }),
    });
    const { id: resultId } = (await result.json()) as { id: string };
    const answer = (await (
      await fetch(`http://127.0.0.1:${port}/1/query_results/__all__/${resultId}`)
    ).json()) as { data: { results: unknown } };
    t.match(answer.data.results, [{ data: { COUNT: 1, 'trace.trace_id': id('trace', 16) } }]);

    const status = await (await fetch(`http://127.0.0.1:${port}/api/status`)).json();
    t.match(status, {
      spans: 1,
      notices: [],
      services: [{ name: 'activities-api', rows: 1 }],
      otlp_endpoint: `http://localhost:${otlpPort}`,
    });

    const recorded = readFileSync(join(import.meta.dirname, 'core/receiver/fixtures/python-traces.bin'));
    t.match(await callGrpc(otlpGrpcPort, recorded), { 'grpc-status': '0' });
    t.match(await (await fetch(`http://127.0.0.1:${port}/api/status`)).json(), { spans: 3 });

    first.child.kill('SIGTERM');
    t.strictSame(await once(first.child, 'exit'), [0, null]);
    const second = start(t, { DATA_DIR });
    const { port: now } = await ready(second.child);
    t.match(await find(now), { traces: [{ trace_id: id('trace', 16) }] });
    const saved = `http://127.0.0.1:${now}/api/saved`;
    const put = await fetch(`${saved}/queries/all`, {
      method: 'PUT',
      headers,
      body: JSON.stringify({ query: { calculations: [{ op: 'COUNT' }] } }),
    });
    t.equal(put.status, 200, 'queries are saved without a folder of their own');
    const deleted = await fetch(`http://127.0.0.1:${now}/api/traces?all=true`, { method: 'DELETE' });
    t.equal(deleted.status, 200);
    t.match(await find(now), { traces: [] });
    t.match(await (await fetch(saved)).json(), { folder: /explorer.saved$/, queries: [{ slug: 'all' }] });
    second.child.kill('SIGINT');
    t.strictSame(await once(second.child, 'exit'), [0, null]);
  },
);

/** Loaded before the explorer: tells of every connection that the process opens. */
const watchConnections = `data:text/javascript,${encodeURIComponent(`
  import net from 'node:net';
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    process.stderr.write('connects to ' + JSON.stringify(args) + '\\n');
    return connect.apply(this, args);
  };
`)}`;

const UNENDED: Readonly<Record<string, string>> = {
  'sends nothing': '',
  'sends half of its headers': 'GET / HTTP/1.1\r\nhost: localhost\r\n',
  'sends half of a document':
    'POST /api/import HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
};

t.test('an explorer that is stopped does not wait for a connection to its page', async (t) => {
  t.jobs = 3;
  for (const [name, bytes] of Object.entries(UNENDED))
    t.test(`that ${name}`, { buffered: true }, async (t) => {
      const { child } = start(t, { DATA_DIR: directoryOf(t) });
      const { port } = await ready(child);
      const socket = connect(port, '127.0.0.1').resume();
      t.teardown(() => socket.destroy());
      await once(socket, 'connect');
      socket.write(bytes);
      await fetch(`http://127.0.0.1:${port}/health/live`); // the connection has been taken
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      t.same(await exited, [0, null]);
    });
});

t.test('the explorer sends nothing anywhere, with any exporter or key in the environment', async (t) => {
  const env = {
    DATA_DIR: directoryOf(t),
    HONEYCOMB_API_KEY: `hcaik_${'a'.repeat(58)}`,
    HONEYCOMB_API_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    ROLLBAR_ACCESS_TOKEN: 'a'.repeat(32),
  };
  const { child, errors } = start(t, env, ['--import', watchConnections]);
  const { port, otlpPort } = await ready(child);
  const body = otlp(id('quiet'));
  await fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  t.equal((await fetch(`http://127.0.0.1:${port}/api/traces`)).status, 200);
  child.kill('SIGTERM');
  t.strictSame(await once(child, 'exit'), [0, null]);
  t.equal(errors(), '');
});

t.test('an explorer that cannot start says so in one line with the variable', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const file = join(directoryOf(t), 'file');
  writeFileSync(file, '');
  const oneOfAKind: [Record<string, string>, RegExp][] = [
    [
      { OTLP_GRPC_PORT: String(port) },
      /already in use; .*set OTLP_GRPC_PORT to another port, or to off\.\n$/,
    ],
    [{ PORT: 'http' }, /^PORT must be a port .*, not "http"/],
    [{ DATA_DIR: file }, /^DATA_DIR cannot be used: .*file.* not a folder\. Set DATA_DIR to /],
  ];
  const others: typeof oneOfAKind = [
    [{ PORT: String(port) }, new RegExp(`^Port ${port} on 127.0.0.1 is already in use; .*set PORT `)],
    [{ OTLP_PORT: String(port) }, /already in use; .*set OTLP_PORT /],
    [{ HOST: '203.0.113.7' }, /^HOST is "203.0.113.7"/],
    [{ DATA_DIR: '/proc/none' }, /^DATA_DIR cannot be used: \/proc/],
  ];
  const cases = [...oneOfAKind, ...(IS_NIGHT ? others : [])];
  const starts = cases.map(async ([env, expected]) => {
    const { child, errors } = start(t, { DATA_DIR: directoryOf(t), LOG_LEVEL: 'silent', ...env });
    t.strictSame(await once(child, 'close'), [1, null]);
    t.match(errors(), expected);
    t.equal(errors().trimEnd().split('\n').length, 1, errors());
  });
  await Promise.all(starts);
});

t.test('a store in use is named, and a port, with what to do', async (t) => {
  const DATA_DIR = directoryOf(t);
  const { port } = await ready(start(t, { DATA_DIR }).child);
  const second = start(t, { DATA_DIR });
  t.strictSame(await once(second.child, 'close'), [1, null]);
  t.match(second.errors(), 'is a trace explorer already running? Stop it, or set another DATA_DIR');
  const third = start(t, { DATA_DIR: directoryOf(t), PORT: String(port) });
  t.strictSame(await once(third.child, 'close'), [1, null]);
  t.match(third.errors(), 'stop its program, or set PORT to another port.');
});
