import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';
import { startCli } from '../command/run-cli.ts';
import { call, connect, HOME, spans } from './agent.ts';

// At night too: by a client that speaks an older protocol as well.

t.setTimeout(180_000);

const COMMAND = join(import.meta.dirname, '../../../start.js');

function transport(url: string, more: readonly string[] = []) {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return new StdioClientTransport({
    command: process.execPath,
    args: [COMMAND, 'mcp', '--url', url, ...more],
    env: { PATH, NODE_COMPILE_CACHE },
    stderr: 'ignore',
  });
}

// Over HTTP both are spoken in http.system.test.ts.
for (const mode of IS_NIGHT ? (['auto', 'legacy'] as const) : (['auto'] as const)) {
  t.test(
    `a client that speaks ${mode === 'auto' ? 'the newest' : 'an older'} protocol asks over stdio`,
    async (t) => {
      const { app, store } = await temporaryExplorer(t);
      await storeSpans(store, spans());
      await app.listen({ port: 0, host: '127.0.0.1' });
      const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
      const client = await connect(t, transport(url, ['--all']), mode);
      t.ok((await client.listTools()).tools.some(({ name }) => name === 'what_is_wrong'));
      const { body } = await call(client, 'get_critical_path', { trace_id: HOME });
      t.match(body, {
        link: `${url}/trace/${HOME}?path=critical`,
        by_service_and_name: [{ name: 'GET /api/users', waited_ms: 400 }],
      });
      const query_spec = { breakdowns: ['service.name'] };
      t.match((await call(client, 'run_query', { query_spec })).body, {
        rows_total: 2,
        link: new RegExp(`^${url}/`),
      });
      const wrong = await call(client, 'run_query', { query_spec: { breakdowns: ['nothing'] } });
      t.match(wrong, { isError: true, text: /nothing/ });
    },
  );
}

t.test('without an explorer the server answers with advice', async (t) => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const client = await connect(t, transport(`http://127.0.0.1:${port}`));
  t.equal((await client.listTools()).tools.length, 3);
  t.match(await call(client, 'what_is_wrong'), {
    isError: true,
    text: `No trace explorer answers at http://127.0.0.1:${port}. Trace a command with node tandem run -- CMD, start the explorer alone with node ${COMMAND}, or say where it is with --url.`,
  });
});

t.test(
  'standard output has the protocol and nothing else, and the command ends with its input',
  async (t) => {
    const { child, output } = startCli('mcp', ['--url', 'http://127.0.0.1:9']);
    const ask = (id: number, method: string, params: object) =>
      child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const clientInfo = { name: 'test', version: '1' };
    ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    ask(2, 'tools/call', { name: 'what_is_wrong', arguments: {} });
    await until(() => output.out.includes('"id":2'), { what: () => JSON.stringify(output), limitMs: 60_000 });
    child.stdin?.end();
    const [code] = await once(child, 'close');
    t.equal(code, 0, output.error);
    const lines = output.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.match(lines, [
      { jsonrpc: '2.0', id: 1, result: { serverInfo: { name: 'tandem-trace-explorer' } } },
      { jsonrpc: '2.0', id: 2, result: { isError: true } },
    ]);
    t.equal(output.error, '');
  },
);

t.test('unknown arguments are named', async (t) => {
  const { child, output } = startCli('mcp', ['--port', '3000']);
  t.same(await once(child, 'close'), [2, null]);
  t.match(output, { out: '', error: /^Unknown option '--port'[\s\S]*--url URL/ });
});
