import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { encodeTraces, tracesToJson } from '@tandem/otlp';
import { decoded, startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import type { TestProcess } from '../../../../../../test/helpers/processes.ts';
import { freePort, startNode, untilOutput, untilReady } from '../../../../../../test/helpers/processes.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { callGrpc, prefixed } from '../../../core/receiver/call-grpc.ts';
import { randomId, temporaryDirectory } from '../../../spans.ts';

// At night too: with 100,000 spans, more kills, and an outage of a minute.

const [SPANS, KILLS, OUTAGE_MS] = IS_NIGHT ? [100_000, 12, 60_000] : [9_000, 2, 4_000];
/** Spans of a request. */
const SIZES = [1, 30, 200];

/** Sends one request of spans with a parent; whether the explorer says that it has them. */
type Send = (port: number, request: ReturnType<typeof decoded>) => Promise<boolean>;

async function post(port: number, body: Uint8Array | string, headers: Record<string, string>) {
  const url = `http://127.0.0.1:${port}/v1/traces`;
  const answer = await fetch(url, { method: 'POST', body: Buffer.from(body), headers });
  await answer.arrayBuffer();
  return answer.status === 200;
}

/** Three kinds of senders. */
const SENDERS: Readonly<Record<string, Send>> = {
  'protobuf, gzip': (port, request) =>
    post(port, gzipSync(encodeTraces(request)), {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
    }),
  json: (port, { scopeSpans }) =>
    post(port, JSON.stringify(tracesToJson(scopeSpans)), { 'content-type': 'application/json' }),
  gRPC: async (port, request) =>
    (await callGrpc(port, prefixed(encodeTraces(request))))['grpc-status'] === '0',
};

/** Prints the packages of exporters that the process has loaded, when it ends. */
const TELL = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module';
  const { cache } = createRequire(process.cwd() + '/');
  process.on('exit', () => console.log('exporters ' + Object.keys(cache).filter((path) => /otlp-exporter-base/.test(path)).length));
`)}`;

function start(env: Record<string, string>, options: readonly string[] = []): TestProcess {
  return startNode('packages/trace-explorer', [...options, 'start.js'], {
    LOG_LEVEL: 'info',
    OTLP_GRPC_PORT: 'off',
    ...env,
  });
}

t.setTimeout(IS_NIGHT ? 600_000 : 120_000);

t.test('kills and an outage lose no span that was acknowledged', async (t) => {
  const there = await startOtlpReceiver();
  t.teardown(() => there.close());
  const [page, otlp] = [await freePort(), await freePort()];
  const env = {
    DATA_DIR: temporaryDirectory(t),
    PORT: String(page),
    OTLP_PORT: String(otlp),
    EXPLORER_FORWARD: there.url,
    EXPLORER_FORWARD_HEADERS: 'x-team=a%20b',
  };
  let explorer = start(env);
  t.teardown(() => explorer.stop('SIGKILL'));
  await untilReady(explorer, `http://127.0.0.1:${page}/health/ready`);

  const acknowledged: string[] = [];
  /** Sends until the explorer says that it has the spans, as an SDK with a spool does. */
  const sender = async ([kind, send]: [string, Send]) => {
    let sent = 0;
    for (let batch = 0; sent < SPANS / 3; batch++) {
      const names = Array.from({ length: SIZES[batch % SIZES.length] ?? 1 }, () => `${kind} ${sent++}`);
      const request = decoded(names.map((name) => ({ name, traceId: randomId(16), spanId: randomId(8) })));
      const isTaken = () => send(otlp, request).catch(() => false);
      await until(isTaken, { everyMs: 100, limitMs: 100_000 });
      acknowledged.push(...names);
      await sleep(IS_NIGHT ? 100 : 20); // so that senders send while the explorer is killed and the backend is away
    }
  };
  const kill = async () => {
    for (let round = 0; round < KILLS; round++) {
      await sleep(randomInt(700, 1_500));
      await explorer.stop('SIGKILL');
      explorer = start(env);
      await untilReady(explorer, `http://127.0.0.1:${page}/health/ready`);
    }
  };
  const breakBackend = async () => {
    await sleep(1_000);
    const { answer } = there;
    there.answer = () => ({ status: 503 });
    await sleep(OUTAGE_MS / 2);
    there.answer = () => 'reset';
    await sleep(OUTAGE_MS / 2);
    there.answer = answer;
  };
  await Promise.all([kill(), breakBackend(), ...Object.entries(SENDERS).map(sender)]);

  const missing = () => {
    const came = new Set(there.accepted);
    return acknowledged.filter((name) => !came.has(name)).length;
  };
  await until(() => missing() === 0, {
    what: () => `${missing()} of ${acknowledged.length} spans come`,
    limitMs: 60_000,
  });
  t.ok(acknowledged.length >= SPANS);
  t.comment(`${there.accepted.length - new Set(there.accepted).size} of ${acknowledged.length} came twice`);
  t.equal(there.requests.at(-1)?.headers['x-team'], 'a b');
  const metrics = async () => (await fetch(`http://127.0.0.1:${page}/metrics`)).text();
  await until(async () => (await metrics()).includes('tandem_forward_waiting{signal="traces"} 0\n'));
  t.match(await metrics(), /tandem_forward_items_total\{signal="traces",outcome="dropped"\} 0\n/);
  const status = Object(await (await fetch(`http://127.0.0.1:${page}/api/status`)).json());
  t.match(status.forward, {
    to: there.url,
    is_honeycomb: false,
    traces: { refused: 0, dropped: 0 },
    problems: [],
  });
});

atNight(t).test('exporters are loaded where something is sent on, and nowhere else', async (t) => {
  const loaded = async (env: Record<string, string>) => {
    const options = ['--import', TELL];
    const explorer = start({ DATA_DIR: temporaryDirectory(t), PORT: '0', OTLP_PORT: '0', ...env }, options);
    t.teardown(() => explorer.stop('SIGKILL'));
    await untilOutput(explorer, 'is ready');
    await explorer.stop();
    return Number(/exporters (\d+)/.exec(explorer.output())?.[1]);
  };
  t.equal(await loaded({ HONEYCOMB_API_KEY: 'k'.repeat(22) }), 0);
  t.ok((await loaded({ EXPLORER_FORWARD: 'http://127.0.0.1:9' })) > 0);
});

t.test('an address of its own, and settings that cannot be followed, stop the start by name', async (t) => {
  const otlp = String(await freePort());
  const started = async (env: Record<string, string>) => {
    const explorer = start({ DATA_DIR: temporaryDirectory(t), PORT: '0', OTLP_PORT: otlp, ...env });
    t.not(await explorer.exited, 0);
    return explorer.output();
  };
  t.match(
    await started({ EXPLORER_FORWARD: `http://localhost:${otlp}` }),
    /EXPLORER_FORWARD must be another address, .* where this explorer itself takes spans/,
  );
  t.match(
    await started({ EXPLORER_FORWARD: 'honeycomb' }),
    /EXPLORER_FORWARD=honeycomb needs HONEYCOMB_API_KEY/,
  );
  const secret = await started({
    EXPLORER_FORWARD: 'http://127.0.0.1:9',
    EXPLORER_FORWARD_HEADERS: 'x-key=%ZZsecret',
  });
  t.match(secret, /EXPLORER_FORWARD_HEADERS must be headers as name=value/);
  t.notMatch(secret, /ZZsecret/);
});
