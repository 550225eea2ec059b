import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Test } from 'tap';
import t from 'tap';
import { freePort, startNode } from './helpers/processes.ts';

/** `pnpm dev`'s script on ports and data of its own. */
async function startDev(t: Test, env: Readonly<Record<string, string>> = {}) {
  const [page, api, lookup, otlp] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const dev = startNode('.', ['scripts/dev.ts'], {
    DATA_DIR: t.testdir(),
    FRONTEND_URL: `http://localhost:${page}`,
    BACKEND_URL: `http://localhost:${api}`,
    USER_LOOKUP_URL: `http://localhost:${lookup}`,
    OTLP_PORT: String(otlp),
    NO_COLOR: '1',
    ...env,
  });
  t.teardown(() => dev.stop());
  return {
    dev,
    page: `http://localhost:${page}`,
    api: `http://localhost:${api}`,
    otlp: `http://localhost:${otlp}`,
    ports: { page, api, lookup, otlp },
  };
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined, what: () => string): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(what());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

t.test(
  'pnpm dev: one banner to act on, and a request is found by the query of the seed material',
  async (t) => {
    const { dev, page, api, otlp } = await startDev(t, { OTEL_SERVICE_NAME: 'everything' });
    await until(() => /Tandem runs\./.test(dev.output()) || undefined, dev.output);
    const banner = dev.output().slice(dev.output().indexOf('Tandem runs.'));
    t.match(banner, `Page   ${page}`);
    t.match(banner, `API    ${api}/api/activities/home`);
    t.match(banner, `Spans  go to the explorer (${otlp})`);
    t.match(banner, 'Honeycomb: no key.');
    t.match(banner, `curl ${api}/api/activities/home`);
    t.match(banner, 'OTEL_SERVICE_NAME=everything is not used here: each service keeps a name of its own.');
    t.match(dev.output(), /^activities-api │ /m, 'output is prefixed by name');

    const response = await fetch(`${api}/api/activities/home`);
    const { activities } = (await response.json()) as { activities: unknown[] };
    t.ok(activities.length > 0, 'there is seeded data');
    const traceId = response.headers.get('traceresponse')?.split('-')[1];

    const ask = async (path: string, body: unknown) => {
      const answer = await fetch(`${page}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await answer.json()) as { id: string; data?: { results: { data: Record<string, unknown> }[] } };
    };
    const counts = await until(async () => {
      const { id } = await ask('/1/queries/__all__', {
        calculations: [{ op: 'COUNT' }],
        filters: [{ column: 'app.now', op: 'exists' }],
        breakdowns: ['trace.trace_id'],
        time_range: 600,
      });
      const { data } = await ask('/1/query_results/__all__', { query_id: id });
      return data?.results.find((row) => row.data['trace.trace_id'] === traceId)?.data;
    }, dev.output);
    t.equal(counts.COUNT, 2, 'home-activities-data and home-result-activities');
    const datasets = (await (await fetch(`${page}/1/datasets`)).json()) as { name: string }[];
    t.strictSame(datasets.map(({ name }) => name).toSorted(), ['activities-api', 'user-lookup']);

    t.equal(await dev.stop('SIGINT'), 0);
  },
);

t.test('pnpm dev: a port in use ends it before anything starts, with what to do', async (t) => {
  const port = await freePort();
  const squatter = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  t.teardown(() => new Promise((resolve) => squatter.close(resolve)));
  const { dev } = await startDev(t, { BACKEND_URL: `http://localhost:${port}` });
  t.equal(await dev.exited, 1);
  t.equal(
    dev.output(),
    `Port ${port}, which activities-api needs, is in use: does Tandem run already? ` +
      'Stop what uses it, or set BACKEND_URL=http://localhost:<another port>.\n',
  );
});

t.test('pnpm dev: a service that cannot start ends it, and its own words say why', async (t) => {
  const { dev } = await startDev(t, { OTEL_TRACES_SAMPLER: 'sometimes' });
  t.equal(await dev.exited, 1);
  // Both cannot; the first one to say so ends them all.
  t.match(dev.output(), /^(user-lookup|activities-api) +│ Cannot start: OTEL_TRACES_SAMPLER must be one of/m);
  t.match(dev.output(), /could not start; its last lines above say why\./);
});
