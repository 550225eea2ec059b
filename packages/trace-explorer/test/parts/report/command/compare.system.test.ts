import type { AddressInfo } from 'node:net';
import t from 'tap';
import { runCli } from '../../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';
import { makeRun, randomFrom } from '../server/compare/make-run.ts';

const { app, store } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
const compare = (...args: string[]) => runCli('compare', ['--url', url, ...args]);
const random = randomFrom(7);
await storeSpans(store, makeRun('main', random));
await storeSpans(store, makeRun('same', random));
await storeSpans(store, makeRun('my_branch', random, { userCalls: 7 }));

t.test('text says what got worse, with a link to both waterfalls, and the exit code is 1', async (t) => {
  const { code, out } = await compare('main', 'my_branch');
  t.equal(code, 1);
  const lines = out.split('\n');
  t.equal(lines[0], 'my_branch compared with main');
  t.match(lines[2], /^api GET \/home, \d+ → \d+ requests$/);
  t.equal(lines[3], '  ✗ GET /api/users 1 → 7 per request (users)');
  t.match(lines[4], /^ {6}http:\S+\/trace\/[0-9a-f]{32}\?compare=[0-9a-f]{32}$/);
  t.equal(lines[6], '4 of 5 routes are as they were; something got worse.');
});

t.test('Markdown escapes names, and JSON has every figure', async (t) => {
  const { code, out } = await compare('main', 'my_branch', '--markdown');
  t.equal(code, 1);
  t.match(out, '## my\\_branch compared with main\n\n### api GET /home, ');
  t.match(out, /\n- ✗ \[GET \/api\/users 1 → 7 per request \(users\)\]\(<http\S+\?compare=/);
  const json = await compare('main', 'my_branch', '--json');
  t.match(JSON.parse(json.out), { worse: true, base: { name: 'main' }, routes: { length: 5 } });
  t.equal(json.code, 1);
});

t.test('0 where nothing got worse, 2 where nobody can tell', async (t) => {
  t.match(await compare('main', 'same'), {
    code: 0,
    out: /5 of 5 routes are as they were; nothing got worse\.\n$/,
  });
  t.match(await compare('mian'), { code: 2, error: /No such run.*"mian".*"main"/ });
  t.match(await compare(), { code: 2, error: /^Name one run or two\.\n/ });
  t.match(await runCli('compare', ['main', '--url', 'http://127.0.0.1:1']), {
    code: 2,
    error: /^No trace explorer/,
  });
});

t.test('an error shows escape sequences and does not write them', async (t) => {
  const { code, error } = await compare('\u001b]0;pwned\u0007\u009b2J');
  t.equal(code, 2);
  t.match(error, 'pwned');
  t.notMatch(error, /(?!\n)\p{Cc}/u);
});
