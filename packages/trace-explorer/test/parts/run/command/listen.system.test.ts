import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { callerEnv, startCommand } from '../../../core/command/run-command.ts';

// Each app is a process.
t.setTimeout(120_000);
const PRELOAD = join(import.meta.dirname, '../../../../src/parts/run/command/preload.cjs');
const WATCH = join(import.meta.dirname, '../../../../src/parts/run/command/watch.ts');
const http = (listen: string) =>
  `const server = require('node:http').createServer(() => {}).listen(${listen}, () => { console.log(server.address().port); server.close(); });`;

/** What an app writes down of its servers, and what it prints. */
async function listened(t: Test, app: string) {
  const here = t.testdir({ 'app.cjs': app });
  const uses = join(here, 'uses.jsonl');
  const env = { ...callerEnv(), TANDEM_RUN_WATCH: WATCH, TANDEM_RUN_USES: uses };
  const command = [process.execPath, '--require', PRELOAD, join(here, 'app.cjs')] as const;
  const { said, ended } = startCommand(t, command, { cwd: here, env });
  t.equal(await ended, 0, said.err);
  const lines = readFileSync(uses, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const names = lines.filter(({ use }) => use === 'listen').map(({ name }) => name);
  return { names, ports: said.out.trim().split('\n') };
}

t.test('the first server of HTTP is known by its own host and port', async (t) => {
  for (const [listen, host] of [
    ['0', 'localhost'],
    ["0, '127.0.0.1'", 'localhost'],
    ["0, '127.0.0.2'", '127.0.0.2'],
  ] as const) {
    const { names, ports } = await listened(t, http(listen));
    t.same(names, [`http://${host}:${ports[0]}/`], listen);
  }
});

t.test('other servers are none, and of two the first one is', async (t) => {
  const net = `require('node:net').createServer().listen(0, function () { this.close(); });`;
  t.same((await listened(t, net)).names, []);
  const second = http('0').replaceAll('server', 'other').replace('console.log(other.address().port);', '');
  const { names, ports } = await listened(t, `${net} ${http('0')} setTimeout(() => { ${second} }, 500);`);
  t.same(names, [`http://localhost:${ports[0]}/`]);
});
