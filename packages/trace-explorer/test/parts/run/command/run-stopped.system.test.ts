import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { nothingWrong, runsIn } from '../../../core/command/run-command.ts';

// Each command is a process.
t.setTimeout(300_000);
const work = t.testdir({ 'package.json': '{"name":"shop"}' });
const { start, startExplorer } = runsIn(work);
const { beside } = await startExplorer(t);
const HOME = { OTEL_TRACES_EXPORTER: '', XDG_DATA_HOME: join(work, 'home') };

/** An app with requests that stay open: an event stream, and one that throws 300 ms after it came. */
const APP = `
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/ok') return response.end('ok');
    if (request.url === '/throw') return setTimeout(() => { throw new TypeError('own'); }, 300);
    response.setHeader('content-type', 'text/event-stream');
    response.write('data: 1\\n\\n');
  }).listen(0, '127.0.0.1', () => console.log(process.pid, server.address().port));`;

interface Verdict {
  readonly requests: number;
  readonly failed: number;
  readonly causes: readonly object[];
}

/** Runs the app, asks these paths, and ends it. @returns what its last lines say */
async function endOf(
  t: Test,
  paths: readonly string[],
  end: (pid: { readonly app: number; readonly run: number }) => void,
  name: string,
) {
  const here = t.testdir({ 'app.cjs': APP });
  const json = join(here, 'ending.json');
  const run = start(t, ['--', process.execPath, 'app.cjs'], [...beside, '--json', json], HOME, here);
  const [, pid = '', port = ''] = await until(() => /^(\d+) (\d+)$/m.exec(run.said.out) ?? undefined, {
    what: () => run.said.err,
    limitMs: 60_000,
  });
  const answers = paths.map(
    (path) =>
      new Promise<void>((begun) => {
        const request = get({ port, path, host: '127.0.0.1', agent: false }, (answer) => {
          answer.resume().on('error', () => {});
          begun();
        });
        request.on('error', () => begun());
      }),
  );
  await Promise.all(answers);
  end({ app: Number(pid), run: run.child.pid ?? 0 });
  const code = await run.ended;
  return { code, err: run.said.err, verdict: JSON.parse(readFileSync(json, 'utf8')) as Verdict, name };
}

t.test('a request that was open when run was stopped neither failed nor was slow', async (t) => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const ended = await endOf(t, ['/ok', '/ok', '/events'], ({ run }) => process.kill(run, signal), signal);
    t.equal(ended.code, code, ended.err);
    t.match(ended.verdict, { requests: 3, failed: 0, causes: [] }, ended.err);
    t.match(ended.err, nothingWrong('3 requests'));
    t.notMatch(ended.err, /gone|new/i);
  }
});

t.test('the end of a process that somebody else ended is an error of its open requests', async (t) => {
  const ended = await endOf(t, ['/ok', '/events'], ({ app }) => process.kill(app, 'SIGTERM'), 'app');
  t.equal(ended.code, 143, ended.err);
  t.match(ended.verdict, { requests: 2, failed: 1 }, ended.err);
});

t.test('after an uncaught exception all open requests failed', async (t) => {
  const ended = await endOf(t, ['/ok', '/events', '/throw'], () => {}, 'throw');
  t.equal(ended.code, 1, ended.err);
  t.match(ended.verdict, { requests: 3, failed: 2 }, ended.err);
  t.match(ended.err, /\nnode ended with exit code 1: its own lines above say why\.\n/);
});
