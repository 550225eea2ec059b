import { once } from 'node:events';
import { connect } from 'node:net';
import Fastify from 'fastify';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { buildExplorer } from '../../../src/app.ts';
import { temporaryStore } from '../../spans.ts';

const REQUESTS: Readonly<Record<string, object | undefined>> = {
  '/api/bubbleup': { selection: { start_time: 1 } },
  '/api/rows': { query: {} },
  '/api/overview': undefined,
  '/api/map': undefined,
  '/api/traces': undefined,
  '/api/logs': undefined,
  '/api/logs/density': undefined,
  [`/api/traces/${'0a'.repeat(16)}/logs`]: undefined,
};

t.test('a client that hangs up ends what is read for it, and is no error', async (t) => {
  const stored = await temporaryStore(t);
  let reads = 0;
  // Reads once the client is gone, which a reading of so little would not last for.
  const read: typeof stored.read = async (sql, values, options) => {
    if (options?.signal !== undefined) {
      reads++;
      if (!options.signal.aborted) await once(options.signal, 'abort');
    }
    return stored.read(sql, values, options);
  };
  const store = new Proxy(stored, {
    get(of, name) {
      const part = name === 'read' ? read : Reflect.get(of, name, of);
      return typeof part === 'function' ? part.bind(of) : part;
    },
  });
  const lines: { level: number; msg: string }[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const { log: logger } = Fastify({ logger: { level: 'debug', stream } });
  const app = await buildExplorer({ store, logger });
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  for (const [path, content] of Object.entries(REQUESTS)) {
    const body = content === undefined ? '' : JSON.stringify(content);
    const client = connect(port, '127.0.0.1');
    const headers = content === undefined ? '' : 'content-type: application/json\r\n';
    client.write(
      `${content === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`,
    );
    const before = reads;
    await until(() => reads > before, { what: path });
    client.destroy();
    await until(() => lines.some(({ msg }) => msg.startsWith('the client closed')));
    t.notOk(
      lines.splice(0).some(({ level }) => level > 30),
      path,
    );
  }
});
