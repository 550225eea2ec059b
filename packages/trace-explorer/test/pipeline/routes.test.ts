import fastify from 'fastify';
import t from 'tap';
import { pipelineRoutes } from '../../src/pipeline/routes.ts';

t.test(
  'services tell of their exports; one that nothing listens for any more is said to be stopped',
  async (t) => {
    let asked = 0;
    const service = fastify();
    service.get('/metrics', async () => {
      asked += 1;
      return `otel_sdk_exporter_span_exported_total{destination="honeycomb"} 12
tandem_honeycomb_info{team="bees",environment="test",region="us"} 1
tandem_circuit_breaker_state{name="lookup",state="half_open"} 1
`;
    });
    t.teardown(() => service.close());
    const url = await service.listen({ host: '127.0.0.1', port: 0 });
    const silent = fastify();
    const silentUrl = await silent.listen({ host: '127.0.0.1', port: 0 });
    await silent.close();

    const app = fastify();
    t.teardown(() => app.close());
    await app.register(pipelineRoutes, {
      services: [
        { name: 'api', url },
        { name: 'lookup', url: silentUrl },
      ],
    });
    const { services } = (await app.inject('/api/pipeline')).json();
    t.same(services, [
      {
        name: 'api',
        reachable: true,
        stopped: false,
        destinations: [{ name: 'honeycomb', exported: 12, waiting: 0, rejected: 0, dropped: 0, reasons: {} }],
        honeycomb: { team: 'bees', environment: 'test', region: 'us' },
        circuits: [{ name: 'lookup', state: 'half_open', rejected: 0 }],
      },
      { name: 'lookup', reachable: false, stopped: true, destinations: [] },
    ]);
    await app.inject('/api/pipeline');
    t.equal(asked, 1, 'pages that ask at the same time share one answer');
  },
);
