import { join } from 'node:path';
import t from 'tap';
import { ExplorerClient } from '../../../../src/core/command/client/explorer-client.ts';
import { runsIn } from '../../../core/command/run-command.ts';

// Each command is a process.
t.setTimeout(300_000);
const { start, startExplorer } = runsIn(t.testdir({ 'package.json': '{}' }));
const TRACED = { OTEL_TRACES_EXPORTER: '' };

/** A server that asks itself: one request that hashes, one that waits, then twenty at once that do both. */
const APP = `import { pbkdf2Sync } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

function hashPassword(ms) {
  for (const end = performance.now() + ms; performance.now() < end; ) pbkdf2Sync('word', 'salt', 500, 64, 'sha512');
}

const server = createServer(async ({ url }, response) => {
  if (url !== '/wait') hashPassword(url === '/hash' ? 400 : 40);
  if (url !== '/hash') await sleep(url === '/wait' ? 2000 : 500);
  response.end();
}).listen(0, '127.0.0.1', async () => {
  const ask = async (path) => (await fetch('http://127.0.0.1:' + server.address().port + path)).text();
  await ask('/hash');
  await ask('/wait');
  await Promise.all(Array.from({ length: 20 }, () => ask('/both')));
  server.close();
});
`;

t.test('own time is explained by what ran, as far as that can be known', async (t) => {
  const { port, spans } = await startExplorer(t);
  const here = t.testdir({ 'package.json': '{}', 'app.mjs': APP });
  const command = ['--', process.execPath, 'app.mjs'];
  const { said, ended } = start(t, command, ['--port', port, '--profile'], TRACED, here);
  t.equal(await ended, 0, said.err);
  t.equal((await spans()).length, 44);

  const client = new ExplorerClient(`http://localhost:${port}`);
  const { traces } = await client.ask<{ traces: { trace_id: string }[] }>('/api/traces?limit=50');
  const sentences = new Map<string, string[]>();
  for (const { trace_id } of traces) {
    const { model, findings } = await client.shown(trace_id);
    const [, path = ''] = /(\/\w+)$/.exec(model.target(0) ?? '') ?? [];
    const own = findings.filter(({ sentence }) => / stood still | in \S+ itself/.test(sentence));
    sentences.set(path, [...(sentences.get(path) ?? []), ...own.map(({ sentence }) => sentence)]);
  }
  t.match(
    sentences.get('/hash')?.join('\n'),
    / itself; in them .*`hashPassword` \(app\.mjs:5\) ran for \d+ %| stood still .*, in hashPassword \(app\.mjs:5\)/,
  );
  t.match(sentences.get('/wait')?.join('\n'), / itself; in them the event loop waited for \d+ %/);
  const besides = sentences.get('/both') ?? [];
  t.ok(besides.length > 10, `${besides.length} of 20 requests side by side have the finding`);
  for (const sentence of besides) {
    if (/ stood still /.test(sentence)) continue; // a stall says itself what ran
    t.match(
      sentence,
      / itself(?:, and no span|; meanwhile, with \d+ other requests? in the process, |; in them the event loop waited for \d+ %$)/,
    );
    t.notMatch(sentence, /in them `/);
  }
});

t.test('in a minified file a function has its column, because all stand in one line', async (t) => {
  const { port } = await startExplorer(t);
  const minified = APP.replace('function hash', `/*${'x'.repeat(300)}*/ function hash`).replace(
    /.*ask\('\/(?:wait|both)'\).*\n/g,
    '',
  );
  const here = t.testdir({ 'package.json': '{}', 'app.mjs': minified });
  const command = ['--', process.execPath, 'app.mjs'];
  const { said, ended } = start(t, command, ['--port', port, '--profile'], TRACED, here);
  t.equal(await ended, 0, said.err);
  const client = new ExplorerClient(`http://localhost:${port}`);
  const { traces } = await client.ask<{ traces: { trace_id: string }[] }>('/api/traces?limit=50');
  const models = await Promise.all(traces.map(({ trace_id }) => client.shown(trace_id)));
  const sentences = models.flatMap(({ findings }) => findings.map(({ sentence }) => sentence));
  t.match(sentences.join(), /hashPassword`? \(app\.mjs:5:3\d\d\)/);
});

t.test('without --profile nothing of a profiler is loaded', async (t) => {
  const { port } = await startExplorer(t);
  const here = t.testdir({
    'app.cjs': `console.log(process.moduleLoadList.filter((name) => /NativeModule inspector/.test(name)).join())`,
  });
  for (const [options, out] of [
    [[], '\n'],
    [['--profile'], 'NativeModule inspector\n'],
  ] as const) {
    const command = ['--', process.execPath, join(here, 'app.cjs')];
    const { said, ended } = start(t, command, ['--port', port, ...options], TRACED);
    t.equal(await ended, 0, said.err);
    t.equal(said.out, out);
  }
});
