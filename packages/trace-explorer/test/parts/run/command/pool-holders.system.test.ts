import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runsIn } from '../../../core/command/run-command.ts';

// Each command is a process.
t.setTimeout(300_000);
const { start, startExplorer } = runsIn(t.testdir({ 'package.json': '{}' }));
const PG = realpathSync(fileURLToPath(import.meta.resolve('../../../../../service-kit/node_modules/pg')));

/** A coupon that is known gives no connection back. The server speaks as much of PostgreSQL's protocol as a simple query needs. */
const SHOP = `import { createServer } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import pg from 'pg';
const message = (type, body) => Buffer.concat([Buffer.from(type), Buffer.from([0, 0, 0, body.length + 4]), body]);
const READY = message('Z', Buffer.from('I'));
const DONE = Buffer.concat([message('C', Buffer.from('SELECT 0\\0')), READY]);
const postgres = createNetServer((socket) => {
  let isOpen = false;
  socket.on('error', () => {}).on('data', (data) => {
    if (!isOpen) socket.write(Buffer.concat([message('R', Buffer.alloc(4)), READY]));
    else if (data[0] === 81) socket.write(DONE);
    isOpen = true;
  });
});
postgres.listen(0, '127.0.0.1', () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: postgres.address().port, max: 4, connectionTimeoutMillis: 3000 });
  const answer = {
    '/coupons': async () => {
      const client = await pool.connect(); // takes
      await client.query('select 1 from coupons');
    },
    '/books': () => pool.query('select 1 from books'),
  };
  const server = createServer(async ({ url }, response) => {
    const [, route] = url.split('/');
    response.statusCode = await answer['/' + route]().then(() => 200, () => 503);
    response.end('ok');
  }).listen(0, '127.0.0.1', async () => {
    const origin = 'http://127.0.0.1:' + server.address().port;
    for (const path of ['/coupons/1', '/coupons/2', '/coupons/3', '/coupons/4', '/books'])
      await (await fetch(origin + path)).text();
    setTimeout(() => process.exit(), 300);
  });
});`;

t.test('under run, a call that got no connection says which requests never gave theirs back', async (t) => {
  const { port, beside, spans } = await startExplorer(t);
  const here = t.testdir({ 'shop.mjs': SHOP, node_modules: { pg: t.fixture('symlink', PG) } });
  const { said, ended } = start(
    t,
    ['--', process.execPath, 'shop.mjs'],
    beside,
    { OTEL_TRACES_EXPORTER: '' },
    here,
  );
  t.equal(await ended, 0, said.err);
  const at = `shop.mjs:${SHOP.split('\n').findIndex((line) => line.endsWith('// takes')) + 1}`;
  const held = (await spans()).flatMap(({ name, attributes }) => {
    const values = Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
    const { 'tandem.call.held': count, 'tandem.call.held_by': by, 'tandem.code.held_at': line } = values;
    return count === undefined ? [] : [[name, Number(count), by, line, values['tandem.call.held_after_end']]];
  });
  // On a busy machine a call that opens a connection of its own waits for that, while fewer are held.
  const whole = held.filter(([, count]) => count === 4);
  t.same(whole, [['connect', 4, 'GET /coupons/:id', at, true]]);
  const sentence = `4 of 4 connections are held by GET /coupons/:id, ${at}, whose requests ended`;
  t.match(said.err.replace(/\s+/g, ' '), sentence);
  const explorer = `http://localhost:${port}`;
  t.match(await (await fetch(`${explorer}/api/causes?time_range=86400`)).text(), sentence, 'causes');
  const params = { name: 'what_is_wrong', arguments: {} };
  const answer = await fetch(`${explorer}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  t.match(await answer.text(), sentence, 'what_is_wrong');
});
