import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import {
  CONFIGURATION_KEY,
  fakeHoneycomb,
  sendJson,
} from '../../packages/telemetry/test/service/doctor/honeycomb/fake-honeycomb.ts';
import { findingsOf, runDoctor } from '../doctor/run-doctor.ts';
import { atNight, IS_NIGHT } from '../helpers/nightly.ts';
import type { TestProcess } from '../helpers/processes.ts';
import { freePort, startNode } from '../helpers/processes.ts';
import { refuses } from '../helpers/refuses.ts';
import { until } from '../helpers/until.ts';

// At night too: `dev` and `start` end with the process that started them.

/** `pnpm dev`'s script on ports and data of its own. */
async function startDev(t: Test, env: Readonly<Record<string, string>> = {}, args = ['scripts/dev.ts']) {
  const ports = await Promise.all(Array.from({ length: 5 }, freePort));
  const [page = 0, api = 0, lookup = 0, otlp = 0, grpc = 0] = ports;
  const variables = {
    DATA_DIR: env.DATA_DIR ?? t.testdir(),
    EXPLORER_URL: `http://localhost:${page}`,
    BACKEND_URL: `http://localhost:${api}`,
    USER_LOOKUP_URL: `http://localhost:${lookup}`,
    OTLP_PORT: String(otlp),
    OTLP_GRPC_PORT: String(grpc),
    NO_COLOR: '1',
    ...env,
  };
  const dev = startNode('.', args, variables, true);
  t.teardown(() => dev.stop());
  return {
    dev,
    variables,
    page: `http://localhost:${page}`,
    api: `http://localhost:${api}`,
    otlp: `http://localhost:${otlp}`,
    grpc: `http://localhost:${grpc}`,
    ports: { page, api, lookup, otlp, grpc },
  };
}

t.test(
  'pnpm dev: one banner says what to do next, and the query for `app.now` finds a request',
  async (t) => {
    const { dev, variables, page, api, otlp, grpc } = await startDev(t, { OTEL_SERVICE_NAME: 'everything' });
    await until(() => /Tandem runs\./.test(dev.output()), { what: dev.output });
    const banner = dev.output().slice(dev.output().indexOf('Tandem runs.'));
    t.match(banner, `Page   ${page}`);
    t.match(banner, `API    ${api}/api/activities/home`);
    t.match(banner, `Spans  go to the explorer (${otlp})`);
    t.match(banner, `over gRPC to ${grpc}\n`);
    t.notMatch(banner, 'Honeycomb');
    t.match(banner, `curl ${api}/api/activities/home`);
    t.match(banner, 'OTEL_SERVICE_NAME=everything is not used here: each service keeps a name of its own.');
    t.match(dev.output(), /^activities-api │ /m, 'output is prefixed by name');
    t.match(dev.output(), /Telemetry of activities-api: spans go to \S+\. Not default: .*DATA_DIR/);
    t.notMatch(dev.output(), /Not default: .*(?:OTEL_SERVICE_NAME|_ENDPOINT|TRACE_CODE_LOCATIONS)/);

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
    const findCounts = async () => {
      const { id } = await ask('/1/queries/__all__', {
        calculations: [{ op: 'COUNT' }],
        filters: [{ column: 'app.now', op: 'exists' }],
        breakdowns: ['trace.trace_id'],
        time_range: 600,
      });
      const { data } = await ask('/1/query_results/__all__', { query_id: id });
      return data?.results.find((row) => row.data['trace.trace_id'] === traceId)?.data;
    };
    const counts = await until(findCounts, { what: dev.output, everyMs: 50 });
    t.equal(counts.COUNT, 2, 'home-activities-data and home-result-activities');
    const datasets = (await (await fetch(`${page}/1/datasets`)).json()) as { name: string }[];
    t.strictSame(datasets.map(({ name }) => name).toSorted(), ['activities-api', 'user-lookup']);

    await t.test('doctor: a trace arrives in the explorer and at Honeycomb, by their answers', async (t) => {
      const honeycomb = await fakeHoneycomb((request, response) => {
        request.resume();
        if (request.url === '/1/auth')
          sendJson(response, 200, {
            api_key_access: { events: true, createDatasets: true },
            team: { slug: 'a-team' },
          });
        else response.writeHead(200).end();
      });
      t.teardown(() => honeycomb.close());
      const well = await runDoctor(t, {
        ...variables,
        OTEL_SERVICE_NAME: '',
        HONEYCOMB_API_KEY: CONFIGURATION_KEY,
        HONEYCOMB_API_ENDPOINT: honeycomb.url,
      });
      t.equal(well.code, 0, well.output);
      const whats = findingsOf(well, 'self-test').map(({ level, what }) => `${level} ${what}`);
      t.match(whats, [
        /^ok Trace [0-9a-f]{32} went through both services\.$/,
        new RegExp(`^ok ${otlp}/v1/traces took the span`),
        new RegExp(`^ok ${honeycomb.url}/v1/traces took the span`),
        /^ok Arrived in the explorer: 8 spans of 3 services\. http/,
      ]);
      t.equal(whats.length, 4);
      t.notMatch(well.output, CONFIGURATION_KEY);
    });

    await t.test('Ctrl+C, and SIGTERM after it, cut no open request', async (t) => {
      const body = JSON.stringify({ handle: 'andrewbrown', message: 'last words', ttl: '1-day' });
      const socket = connect(Number(new URL(api).port), 'localhost');
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk));
      socket.on('error', (error) => (answer += error));
      const closed = once(socket, 'close');
      socket.write(
        'POST /api/activities HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n' +
          `content-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`,
      );
      await until(() => answer.includes('100 Continue')); // it is with its handler
      answer = '';
      process.kill(-Number(dev.child.pid), 'SIGINT');
      await until(() => /activities-api.*stopping/.test(dev.output()), { what: dev.output });
      process.kill(-Number(dev.child.pid), 'SIGTERM');
      socket.write(body);
      await closed;
      const [head = '', posted = ''] = answer.split('\r\n\r\n');
      t.match(head, /^HTTP\/1\.1 201 /);
      t.match(
        JSON.parse(posted),
        { message: 'last words' },
        'the answer is whole: user-lookup was still there',
      );
    });
    t.equal(await dev.exited, 0);
  },
);

// The other signal, and processes that are watched: outliving.nightly.test.ts.
atNight(t).test('pnpm dev says a cause once when it is new', async (t) => {
  const { dev, api } = await startDev(t);
  await until(() => /Tandem runs\./.test(dev.output()), { what: dev.output });
  const said = () => dev.output().match(/^(?:x|✗|!) .*user-lookup.*$/gm) ?? [];
  await until(
    async () => {
      await fetch(`${api}/api/activities/home`, { headers: { 'tandem.fault': 'user-lookup:error=503' } });
      return said().length > 0;
    },
    { what: dev.output, limitMs: 60_000, everyMs: 1000 },
  );
  t.equal(new Set(said()).size, said().length, said().join('\n'));
});

for (const [command, isLaunched] of IS_NIGHT
  ? ([
      ['dev', true],
      ['start', false],
    ] as const)
  : []) {
  const who = isLaunched ? 'the package manager that was told to run it' : 'its script, which tells nobody';
  t.test(`pnpm ${command}: all of it ends with ${who}`, async (t) => {
    const script = `
      const env = { ...process.env, npm_config_user_agent: 'pnpm/10' };
      require('node:child_process').spawn(process.execPath, ['scripts/${command}.ts'], { stdio: 'inherit', env });
    `;
    const directory = t.testdir({ 'pnpm.cjs': script });
    const args = isLaunched ? [join(directory, 'pnpm.cjs'), command] : [`scripts/${command}.ts`];
    const data = mkdtempSync(join(tmpdir(), 'tandem-dev-'));
    // The processes close their files after their ports, and may make some until then.
    t.teardown(() => rmSync(data, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));
    const { dev, ports } = await startDev(t, { DATA_DIR: data }, args);
    t.teardown(() => endGroup(dev));
    await until(() => /Tandem runs\./.test(dev.output()), { what: dev.output, limitMs: 60_000 });
    dev.child.kill('SIGKILL');
    for (const port of Object.values(ports))
      await until(() => refuses(port), { what: `port ${port} is free`, limitMs: 60_000 });
    t.pass();
  });
}

t.test(
  'pnpm dev: a port in use ends it before anything starts, and the message says what to do',
  async (t) => {
    const port = await freePort();
    const squatter = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    t.teardown(() => new Promise((resolve) => squatter.close(resolve)));
    const { dev } = await startDev(t, { BACKEND_URL: `http://localhost:${port}` });
    t.equal(await dev.exited, 1);
    t.equal(
      dev.output(),
      `Port ${port}, which activities-api needs, is in use: does Tandem run already? ` +
        'Stop that program, or set BACKEND_URL=http://localhost:<another port> in .env, where the other commands read it, too.\n',
    );
  },
);

t.test(
  'pnpm dev: it ends when a service cannot start, and the message of that service says why',
  async (t) => {
    const { dev } = await startDev(t, { RATE_LIMIT_MAX: 'lots' });
    t.equal(await dev.exited, 1);
    // Neither service can start; the first one to say so ends all processes.
    t.match(dev.output(), /^(user-lookup|activities-api) +│ .*RATE_LIMIT_MAX/m);
    t.match(dev.output(), /could not start; its last lines above say why\./);
  },
);

/** Ends what a failed test has left of a process's group. */
function endGroup({ child }: TestProcess): void {
  try {
    process.kill(-Number(child.pid), 'SIGKILL');
  } catch {
    // nothing is left
  }
}
