import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { atNight } from '../../../../../../test/helpers/nightly.ts';
import { nothingWrong, runsIn } from '../../../core/command/run-command.ts';

// At night too: with gateways and HTTP/2.

// Each command is a process.
t.setTimeout(300_000);
const { start, startExplorer } = runsIn(t.testdir({ 'package.json': '{}' }));

/** Runs an app with an explorer of its own. Returns its spans and what was said. */
async function runApp(t: Test, app: string) {
  const { beside, spans } = await startExplorer(t);
  const here = t.testdir({ 'app.mjs': app });
  const { said, ended } = start(t, ['--', process.execPath, join(here, 'app.mjs')], beside, {
    OTEL_TRACES_EXPORTER: '',
  });
  t.equal(await ended, 0, said.err);
  return { said, spans: await spans() };
}

t.test('a client that leaves an event stream is not counted as an error', async (t) => {
  const { said } = await runApp(
    t,
    `import http from 'node:http';
    import net from 'node:net';
    const server = http.createServer((request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: 1\\n\\n');
    }).listen(0, '127.0.0.1', () => {
      const socket = net.connect(server.address().port, '127.0.0.1');
      socket.write('GET /events HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n');
      socket.once('data', () => { socket.destroy(); server.close(); });
    });`,
  );
  t.match(said.err, nothingWrong('1 request'));
});

atNight(t).test('a call through a gateway is a call of the server that was asked', async (t) => {
  const { spans } = await runApp(
    t,
    `import http from 'node:http';
    const server = http.createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      const options = { host: '127.0.0.1', port, path: '/' + port, headers: { host: 'shop.example.com' } };
      http.get(options, (response) => response.resume().on('end', () => server.close()));
    });`,
  );
  const [client] = spans.filter(({ kind }) => kind === 3);
  const url = client?.attributes.find(({ key }) => key === 'url.full')?.value.stringValue;
  t.match(url, /^http:\/\/127\.0\.0\.1:(\d+)\/\1$/);
});

atNight(t).test(
  'servers and clients of HTTP/2 are traced, and what gRPC and clients lack is named',
  async (t) => {
    const { said, spans } = await runApp(
      t,
      `import http from 'node:http';
    import http2 from 'node:http2';
    const inner = http.createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
      const server = http2.createServer(async (request, response) => {
        await (await fetch('http://127.0.0.1:' + inner.address().port)).text();
        response.end('ok');
      }).listen(0, '127.0.0.1', () => {
        const session = http2.connect('http://127.0.0.1:' + server.address().port);
        const headers = { ':path': '/shop.Cart/Add', ':method': 'POST', 'content-type': 'application/grpc+proto' };
        session.request(headers).resume().end().on('close', () => { session.close(); server.close(); inner.close(); });
      });
    });`,
    );
    t.match(said.err, '\ngRPC has spans of HTTP/2, ');
    t.match(said.err, '\nRequests of node:http2 have spans, but do not carry the trace: ');
    t.match(said.err, nothingWrong('2 requests'));
    const server = spans.find(({ name, kind }) => name === 'POST' && kind === 2);
    t.equal(spans.find(({ name, kind }) => name === 'GET' && kind === 3)?.parentSpanId, server?.spanId);
  },
);
