import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, npm } from '../helpers/npm.ts';
import { freePort, ROOT } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

t.setTimeout(INSTALL_TIMEOUT_MS);
const MAIN = join(ROOT, 'packages/trace-explorer/start.js');
const work = t.testdir();
const folder = join(work, 'queue');
await cp(join(ROOT, 'examples/queue'), folder, { recursive: true });
await npm(folder, ['install']);

interface Outline {
  readonly name: readonly number[];
  readonly parent: readonly number[];
  readonly texts: readonly string[];
  readonly linked?: { readonly spans: readonly { readonly side: string }[] };
}

/** Starts one form of the example with `run`, and an explorer of its own. */
async function start(t: Test, file: string, env: Readonly<Record<string, string>>) {
  const [port = '', page = '', otlp = ''] = [await freePort(), await freePort(), await freePort()].map(
    String,
  );
  const own = ['--port', page, '--otlp-port', otlp, '--data-dir', join(work, file)];
  const child = spawn(process.execPath, [MAIN, 'run', ...own, '--', process.execPath, file], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: port, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const api = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://localhost:${page}${path}`);
    return (await answer.json()) as T;
  };
  const post = (message: string) =>
    fetch(`http://localhost:${port}/activities`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
    });
  await until(
    () =>
      post('first').then(
        ({ status }) => status === 202,
        () => false,
      ),
    {
      what: () => `the service answers. Output:\n${output}`,
      everyMs: 200,
    },
  );
  /** The first trace that fits, with the names of its spans. */
  const find = (what: string, fits: (names: readonly string[], outline: Outline) => boolean) =>
    until(
      async () => {
        const { traces } = await api<{ traces: { trace_id: string }[] }>('/api/traces?limit=50');
        for (const { trace_id } of traces) {
          const outline = await api<Outline>(`/api/traces/${trace_id}/outline`);
          const names = outline.name.map((at) => outline.texts[at] ?? '');
          if (fits(names, outline)) return { names, outline };
        }
        return undefined;
      },
      { what: () => `${what}. Output:\n${output}`, everyMs: 500 },
    );
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
    return output;
  };
  return { post, find, stop };
}

t.test('BullMQ: the work of a job and its attempts are children of the span that added it', async (t) => {
  const port = await freePort();
  const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    cwd: work,
    stdio: 'ignore',
  });
  t.teardown(() => redis.kill());
  const { post, find, stop } = await start(t, 'bullmq.js', { REDIS_URL: `redis://127.0.0.1:${port}` });
  await post('fail');
  const { names, outline } = await find('a job is tried twice', (all) => all.includes('fail followers'));
  const parentOf = (name: string) => names[outline.parent[names.indexOf(name)] ?? -1];
  t.equal(parentOf('process followers'), 'add followers.tell');
  t.equal(parentOf('add followers.tell'), 'POST /activities');
  t.equal(names.filter((name) => name === 'process followers').length, 2);
  t.match(await stop(), /\n\d causes? in \d requests and \d messages/, 'without its housekeeping');
});

t.test('pg-boss: one job is a child, a batch is linked with each sender', async (t) => {
  const { TEST_DATABASE_URL } = process.env;
  if (TEST_DATABASE_URL === undefined) return t.comment('without TEST_DATABASE_URL there is no PostgreSQL');
  const schema = `queue_example_${process.pid}`;
  const env = { DATABASE_URL: TEST_DATABASE_URL, PGBOSS_SCHEMA: schema };
  const { post, find, stop } = await start(t, 'pg-boss.js', env);
  const alone = await find(
    'one job is a child',
    (names) => names.includes('process followers') && names.includes('send followers'),
  );
  t.equal(alone.names[0], 'POST /activities');
  for (let sent = 0; sent < 5; sent++) await post(`message ${sent}`);
  const batch = await find(
    'a batch has links',
    (names, { linked }) => names[0] === 'process followers' && linked !== undefined,
  );
  t.ok((batch.outline.linked?.spans.length ?? 0) > 1);
  t.ok(batch.outline.linked?.spans.every(({ side }) => side === 'before'));
  await stop();
});
