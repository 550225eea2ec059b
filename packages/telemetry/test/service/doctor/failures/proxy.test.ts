import http from 'node:http';
import type { Test } from 'tap';
import t from 'tap';
import { HttpExporter } from '../../../../src/road/delivery/http-exporter.ts';
import { SPANS } from '../../../../src/road/delivery/signal.ts';
import { checkHoneycombKey } from '../../../../src/service/doctor/honeycomb/index.ts';
import { serve } from '../../../serve.ts';

const AUTH = { api_key_access: { events: true }, team: { slug: 'team' }, environment: { slug: 'test' } };
const KEY = `hcaik_${'a'.repeat(58)}`;
const URL_BEHIND = 'http://only-the-proxy-knows.invalid/v1/traces';

/** Node 22.21 and 24.5 are the first whose agents know a proxy. */
const hasProxies = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');

const test = async (t: Test) => {
  const asked: string[] = [];
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(request.method === 'GET' ? JSON.stringify(AUTH) : '');
  });
  const port = await serve(t, proxy);
  const { globalAgent } = http;
  t.teardown(() => {
    http.globalAgent = globalAgent;
  });
  const proxyEnv = { HTTP_PROXY: `http://user:hunter2@127.0.0.1:${port}` };
  // Node does the same under NODE_USE_ENV_PROXY=1.
  http.globalAgent = new http.Agent({ proxyEnv });

  const exporter = new HttpExporter({ name: 'b', url: URL_BEHIND }, SPANS, 5_000);
  t.teardown(() => exporter.close());
  t.match(await exporter.send(Buffer.alloc(0), 0), { kind: 'taken' });
  const check = () => checkHoneycombKey({ apiKey: KEY, endpoint: new URL(URL_BEHIND).origin });
  t.match(await check(), { kind: 'accepted' });
  const backend = http.createServer((request, response) => request.resume().on('end', () => response.end()));
  const loopback = await serve(t, backend);
  for (const host of ['localhost', '127.0.0.1']) {
    const near = new HttpExporter({ name: 'a', url: `http://${host}:${loopback}/v1/traces` }, SPANS, 5_000);
    t.teardown(() => near.close());
    t.match(await near.send(Buffer.alloc(0), 0), { kind: 'taken' }, `${host} is asked without the proxy`);
  }
  t.strictSame(asked, [`POST ${URL_BEHIND}`, 'GET http://only-the-proxy-knows.invalid/1/auth']);
};
if (hasProxies) t.test('spans and the key check go by way of the proxy of Node', test);
else t.pass(`Node ${process.versions.node} has no proxy`);
