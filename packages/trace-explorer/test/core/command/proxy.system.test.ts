import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';
import { runCliProcess } from './run-cli.ts';
import { runsIn } from './run-command.ts';

// At night too: with every command.

// A company's proxy, which knows nothing of this machine.
const asked: string[] = [];
const proxy = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.writeHead(502).end();
});
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
t.teardown(() => proxy.close());
const env = {
  NODE_USE_ENV_PROXY: '1',
  HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  NO_PROXY: 'corp.example',
};

const { app, store } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://localhost:${(app.server.address() as AddressInfo).port}`;
await storeSpans(store, [{ name: 'GET /' }]);

const QUERY = join(import.meta.dirname, '../../../../../honeycomb/queries/latency.json');
const further = [['logs'], ['verify'], ['compare', 'a', 'b'], ['sample', '--keep', '10']];
for (const [command = '', ...args] of [['trace'], ['query', QUERY], ...(IS_NIGHT ? further : [])])
  t.test(`${command} asks no proxy for loopback`, async (t) => {
    const { error } = await runCliProcess(command, ['--url', url, ...args], env);
    t.notMatch(error, /No trace explorer/);
    t.strictSame(asked, []);
  });

t.test('run finds the explorer, and the spans of its command come without the proxy', async (t) => {
  const work = t.testdir();
  const { start, startExplorer } = runsIn(work);
  const explorer = await startExplorer(t);
  const app = "require('node:http').get('http://127.0.0.1:9/', (answer) => answer.resume());";
  const { said, ended } = start(t, ['--', process.execPath, '-e', app], explorer.beside, {
    ...env,
    OTEL_TRACES_EXPORTER: 'otlp',
  });
  t.equal(await ended, 0, said.err);
  t.ok((await explorer.spans()).length > 0, said.err);
  t.strictSame(asked, ['GET http://127.0.0.1:9/'], 'the app’s own call goes where the caller says');
});
