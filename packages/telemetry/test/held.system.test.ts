import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

t.test(
  'who awaits a flush or the shutdown at the top of a module gets their end, from a slow backend too',
  async (t) => {
    let requests = 0;
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        requests++;
        setTimeout(() => response.end(), 600);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (const method of ['flush', 'shutdown']) {
      const url = import.meta.resolve('../src/index.ts');
      const script = `
      const { registerTelemetry, withSpan } = await import(${JSON.stringify(url)});
      const telemetry = registerTelemetry();
      withSpan('work', {}, () => {});
      await telemetry.${method}();
      console.log('ended');
      process.exit();
    `;
      const child = startNode('packages/telemetry', ['--input-type=module', '--eval', script], {
        OTEL_SERVICE_NAME: 'held',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        LOG_LEVEL: 'silent',
        DATA_DIR: t.testdir(),
      });
      t.equal(await child.exited, 0, child.output());
      t.match(child.output(), 'ended', method);
    }
    t.ok(requests >= 2);
  },
);
