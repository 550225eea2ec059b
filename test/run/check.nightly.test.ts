import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startPair } from '../helpers/pair.ts';
import { freePort, ROOT, startNode, untilReady } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

/** Spans of one request of the home feed. */
const SPANS = 7;
const FEED = 20;
const LIMIT_MS = 60_000;

t.setTimeout(4 * LIMIT_MS);

const folder = mkdtempSync(join(tmpdir(), 'check-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const [page, otlp] = [await freePort(), await freePort()];
const explorerUrl = `http://127.0.0.1:${page}`;
const explorer = startNode('packages/trace-explorer', ['start.js'], {
  PORT: String(page),
  OTLP_PORT: String(otlp),
  OTLP_GRPC_PORT: 'off',
  DATA_DIR: folder,
  LOG_LEVEL: 'warn',
});
t.teardown(() => explorer.stop());
await untilReady(explorer, `${explorerUrl}/health/ready`);
const pair = await startPair({ otlpUrl: `http://127.0.0.1:${otlp}`, env: { FAULT_INJECTION: 'true' } });
t.teardown(() => pair.stop());

/** `node tandem check`, with the repository's triggers unless others are named. */
async function check(...args: string[]) {
  const command = startNode('.', ['tandem.js', 'check', '--url', explorerUrl, ...args], {});
  const code = await command.exited;
  return { code, output: command.output() };
}

const spansStored = async () =>
  ((await (await fetch(`${explorerUrl}/api/status`)).json()) as { spans: number }).spans;

/** Sends requests, and waits until so many more spans have come. */
async function send(requests: number, spans: number, url: string, headers: Record<string, string> = {}) {
  const before = await spansStored();
  for (let sent = 0; sent < requests; sent++) {
    const response = await fetch(url, { headers });
    await response.arrayBuffer();
    t.equal(response.status, 200);
  }
  await until(async () => (await spansStored()) >= before + requests * spans, {
    what: () => `${requests * spans} spans. Output:\n${explorer.output()}`,
    limitMs: LIMIT_MS,
  });
}

/** A trigger of the repository with a threshold that a busy machine keeps as well. */
function lenient(name: string, value: number): string {
  const trigger = JSON.parse(readFileSync(join(ROOT, 'honeycomb', 'checks', name), 'utf8'));
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...trigger, threshold: { ...trigger.threshold, value } }));
  return path;
}

const triggers = (name: string) => join('honeycomb', 'checks', name);

t.test('without traffic the check fails and says that there is no data', async (t) => {
  const { code, output } = await check();
  t.equal(code, 1, output);
  t.match(output, /\? The home feed is slow: no data, /);
});

t.test('the pair passes the gate: feed, orphans, errors', async (t) => {
  await send(FEED, SPANS, `${pair.api}/api/activities/home`);
  const files = [
    lenient('home-feed-p99.json', 20_000),
    triggers('no-orphans.json'),
    triggers('error-rate.json'),
  ];
  const { code, output } = await check(...files);
  t.equal(code, 0, output);
  t.match(output, /✓ The home feed is slow: P99\(duration_ms\) is [\d.]+, would fire when > 20000\n/);
  t.match(output, '✓ A trace was torn: COUNT is 0, would fire when > 0\n');
  t.match(output, '✓ Requests fail: error_rate is 0, would fire when > 0.01\n');
  t.match(output, '3 of 3 hold.\n');
});

t.test('a slow look-up fails the check, which prints the numbers', async (t) => {
  // One span less: the look-up's statement may come after its caller has gone.
  await send(5, SPANS - 1, `${pair.api}/api/activities/home`, { 'tandem.fault': 'user-lookup:delay=400' });
  const { code, output } = await check(triggers('home-feed-p99.json'), triggers('no-orphans.json'));
  t.equal(code, 1, output);
  const [, p99] =
    /✗ The home feed is slow: P99\(duration_ms\) is ([\d.]+), fires when > 300\n/.exec(output) ?? [];
  t.ok(Number(p99) > 300, output);
  t.match(output, '1 of 2 hold, 1 fire.\n');
});

t.test('a call that has lost its trace fails the check', async (t) => {
  await fetch(`${pair.api}/api/activities/home`, {
    headers: { 'tandem.fault': 'activities-api:drop-context' },
  });
  const query = 'service=user-lookup&name=GET%20%2Fapi%2Fusers&limit=1';
  const isTorn = async () => {
    const answer = await fetch(`${explorerUrl}/api/traces?${query}`);
    const { traces } = (await answer.json()) as {
      traces: { root: { name: string; provisional: boolean } }[];
    };
    return traces.some(({ root }) => root.name === 'GET /api/users' && !root.provisional);
  };
  await until(isTorn, {
    what: () => `a trace that begins in the middle. Output:\n${explorer.output()}`,
    limitMs: LIMIT_MS,
  });
  const { code, output } = await check(triggers('no-orphans.json'));
  t.equal(code, 1, output);
  t.match(output, '✗ A trace was torn: COUNT is 1, fires when > 0\n');
});
