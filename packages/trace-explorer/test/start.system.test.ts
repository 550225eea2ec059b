import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import t from 'tap';

const ROOT = join(import.meta.dirname, '../../..');
const PACKAGES = ['trace-explorer', 'telemetry', 'service-kit', 'otlp'];

t.setTimeout(300_000);

/** A clone with the packages of this one. @returns its folder, and what a start of its explorer does */
async function clone(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'clone-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const isOwn = (path: string) => !/[\\/](?:test|testing|\.tap)$/.test(path);
  for (const name of PACKAGES)
    await cp(join(ROOT, 'packages', name), join(folder, 'packages', name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: isOwn,
    });
  await cp(join(ROOT, 'pnpm-lock.yaml'), join(folder, 'pnpm-lock.yaml'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(join(ROOT, 'node_modules', '.pnpm'), join(folder, 'node_modules', '.pnpm'), 'junction');
  const explorer = join(folder, 'packages', 'trace-explorer');
  return {
    folder,
    main: join(explorer, 'src', 'main.ts'),
    builds: () => readdirSync(join(folder, 'node_modules', '.cache', 'tandem', 'builds')),
    async start(...args: readonly string[]) {
      const child = spawn(process.execPath, [join(explorer, 'start.js'), ...args], { cwd: folder });
      const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      return { out, error, code: child.exitCode };
    },
  };
}

t.test('a start runs what the sources are now, and the two newest builds stay', async (t) => {
  const { main, builds, start } = await clone(t);
  t.match(await start('query', '--help'), { out: /query FILE/, code: 0 });
  const [first] = builds();
  await start('query', '--help');
  t.same(builds(), [first], 'built once');

  const line = readFileSync(main, 'utf8').split('\n').length;
  appendFileSync(main, `console.error(new Error('here').stack);\n`);
  const { error } = await start('query', '--help');
  t.match(error, /^Error: here\n +at .*src\/main\.ts:\d+:\d+/m, 'a stack names the source');
  t.match(error, `main.ts:${line}:`, 'and its line');
  t.notMatch(error, /\.mjs/);
  t.equal(builds().length, 2);

  appendFileSync(main, `console.error('and again');\n`);
  t.match((await start('query', '--help')).error, 'and again');
  t.equal(builds().length, 2);
  t.notOk(builds().includes(first ?? ''), 'the oldest has gone');
});

t.test('two starts build at once, and both run', async (t) => {
  const { builds, start } = await clone(t);
  const starts = await Promise.all([start('query', '--help'), start('query', '--help')]);
  for (const each of starts) t.match(each, { out: /query FILE/, code: 0 });
  t.equal(builds().length, 1);
});

t.test('the sources run where nobody may write a build', async (t) => {
  const { folder, start } = await clone(t);
  writeFileSync(join(folder, 'node_modules', '.cache'), 'no folder');
  t.match(await start('query', '--help'), { out: /query FILE/, code: 0, error: '' });
});

t.test('a command of `run` is traced by a file that its stacks do not name', async (t) => {
  const { folder, start } = await clone(t);
  const app = join(folder, 'app.cjs');
  writeFileSync(
    app,
    `Error.stackTraceLimit = Infinity;
    const server = require('node:http').createServer((_, response) => {
      console.log(new Error('in a handler').stack);
      response.end();
    });
    server.listen(0, async () => {
      await fetch('http://127.0.0.1:' + server.address().port + '/here');
      server.close();
    });`,
  );
  const { out, error, code } = await start(
    'run',
    '--port',
    '0',
    '--data-dir',
    'data',
    '--',
    process.execPath,
    app,
  );
  t.equal(code, 0);
  t.match(error, /1 request/);
  t.match(out, /in a handler\n +at Server\.<anonymous>/);
  t.notMatch(out, /\.cache|telemetry/);
});
