import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import type { LiveExplorer } from '../../src/core/live-explorers.ts';
import { liveExplorers, placesToAsk, placeToAsk, urlOf, writeLive } from '../../src/core/live-explorers.ts';

// Alone in its process: the user's folder and EXPLORER_URL are the test's own.

/** The folder of the live files, in a home of the test's own, for commands that are typed in `here`. */
function user(t: Test, here = '/work/shop') {
  const home = t.testdir();
  Object.assign(process.env, { XDG_DATA_HOME: home, INIT_CWD: here, EXPLORER_URL: '' });
  return join(home, 'tandem-trace-explorer', 'live');
}

const at = (folder: string, since: number, port: number): LiveExplorer => ({
  host: '127.0.0.1',
  port,
  store: `/data/${port}/explorer`,
  folder,
  since,
});

/** Answers as an explorer does, or another program. */
async function server(
  t: Test,
  status = 200,
  body: object = { max_bytes: 1 },
  type = 'json',
): Promise<number> {
  const listening = createServer((_, response) => {
    response.writeHead(status, { 'content-type': `application/${type}` });
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => listening.once('listening', ready));
  t.teardown(() => listening.close());
  return (listening.address() as AddressInfo).port;
}

t.test('the order: an option, EXPLORER_URL, the live ones, the default port', async (t) => {
  user(t);
  const live = [at('/work/shop', 1, 5001), at('/', 2, 5002)];
  const variable = 'http://localhost:5003';
  for (const [named, url, running, expected] of [
    ['http://localhost:5004', variable, live, ['http://localhost:5004']],
    [undefined, variable, live, [variable]],
    [undefined, '', live, ['http://localhost:5001', 'http://localhost:5002', 'http://localhost:4319']],
    [undefined, undefined, [], ['http://localhost:4319']],
  ] as const) {
    process.env.EXPLORER_URL = url;
    if (url === undefined) delete process.env.EXPLORER_URL;
    const places = placesToAsk(named, [...running]);
    t.same(
      places.map((each) => each.url),
      expected,
    );
  }
  const [place] = placesToAsk('http://127.0.0.1:5001/', live);
  t.equal(place?.live, live[0], 'an address that a live explorer has, too, is its own');
  t.equal(placesToAsk('http://192.168.1.5:5001', live)[0]?.live, undefined);
});

t.test('of the live ones the nearest folder comes first, then the newest', async (t) => {
  const folder = user(t, '/work/shop/api');
  mkdirSync(folder, { recursive: true });
  const all = [
    at('/work/other', 9, 5001),
    at('/work', 1, 5002),
    at('/work/shop', 2, 5003),
    at('/work/shop-two', 8, 5004),
    at('/work/shop/api/sub', 10, 5005),
    at('/', 3, 5006),
  ];
  for (const each of all)
    writeFileSync(join(folder, `${hostname()}-${each.port}.json`), JSON.stringify(each));
  for (const [name, text] of [
    ['another-machine-5007.json', JSON.stringify(at('/work/shop/api', 11, 5007))],
    [`${hostname()}-2-5008.json`, JSON.stringify(at('/work/shop/api', 12, 5008))],
    [`${hostname()}-5009.json`, '{"port":'],
    [`${hostname()}-5010.json`, '{"port":"5010"}'],
  ] as const)
    writeFileSync(join(folder, name), text);
  const portsFrom = async (here: string) => (await liveExplorers(here)).map(({ port }) => port);
  t.same(await portsFrom('/work/shop/api'), [5003, 5002, 5006, 5005, 5001, 5004]);
  t.same(await portsFrom('/elsewhere'), [5006, 5005, 5001, 5004, 5003, 5002]);
  t.same(
    (await liveExplorers()).map(({ port }) => port),
    await portsFrom('/work/shop/api'),
    'INIT_CWD is where the command was typed',
  );
});

t.test('who has ended is forgotten, and who answers otherwise is passed over', async (t) => {
  const folder = user(t);
  const [token, other, right] = [await server(t, 401), await server(t, 200, {}), await server(t)];
  const write = (port: number) => writeLive({ host: '127.0.0.1', port, store: `/data/${port}` });
  const files = () => readdirSync(folder).toSorted();
  t.same(await placeToAsk(), { url: 'http://localhost:4319', by: 'default' });
  const takeBack = await write(right);
  t.match(await placeToAsk(), { url: `http://localhost:${right}`, by: 'live' });
  await write(other);
  t.match(await placeToAsk(), { url: `http://localhost:${right}` }, 'another program is no explorer');
  t.equal(files().length, 2, 'it may be an explorer that is busy');
  await write(token);
  t.match(await placeToAsk(), { url: `http://localhost:${token}` }, 'one that asks for a token is one');
  const free = await new Promise<number>((resolve) => {
    const closing = createServer().listen(0, '127.0.0.1', () => {
      const { port } = closing.address() as AddressInfo;
      closing.close(() => resolve(port));
    });
  });
  await write(free);
  t.ok(files().includes(`${hostname()}-${free}.json`));
  t.match(await placeToAsk(), { url: `http://localhost:${token}` });
  t.notOk(files().includes(`${hostname()}-${free}.json`), 'it was killed, and is forgotten');
  takeBack();
  t.notOk(files().includes(`${hostname()}-${right}.json`));
  const busy = await server(t, 503, {}, 'problem+json');
  await write(busy);
  await write(await server(t, 404, {}, 'problem+json'));
  await write(await server(t, 503));
  t.match(await placeToAsk(), { url: `http://localhost:${busy}` }, 'one that is busy is one');
});

t.test('a file is for its user alone, and is taken back by its writer alone', async (t) => {
  const folder = user(t);
  const takeBack = await writeLive({ host: '0.0.0.0', port: 5001, store: '/data/explorer' });
  const path = join(folder, `${hostname()}-5001.json`);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  const { since, ...facts } = JSON.parse(readFileSync(path, 'utf8'));
  t.same(facts, { host: '0.0.0.0', port: 5001, store: '/data/explorer', folder: '/work/shop' });
  t.type(since, 'number');
  writeFileSync(path, JSON.stringify(at('/work', since + 1, 5001)));
  takeBack();
  t.equal((await liveExplorers())[0]?.since, since + 1, 'that of a later explorer stays');
});

t.test('a home that cannot be written leaves the default port', async (t) => {
  user(t);
  process.env.XDG_DATA_HOME = '/dev/null/home';
  (await writeLive({ host: '127.0.0.1', port: 5001, store: '/data' }))();
  t.same(await placeToAsk(), { url: 'http://localhost:4319', by: 'default' });
});

t.test('an address for this machine', async (t) => {
  for (const [host, url] of [
    ['127.0.0.1', 'http://localhost:5001'],
    ['::1', 'http://localhost:5001'],
    ['0.0.0.0', 'http://localhost:5001'],
    ['192.168.1.5', 'http://192.168.1.5:5001'],
    ['fe80::1', 'http://[fe80::1]:5001'],
    ['my-machine', 'http://my-machine:5001'],
  ] as const)
    t.equal(urlOf({ host, port: 5001 }), url);
});
