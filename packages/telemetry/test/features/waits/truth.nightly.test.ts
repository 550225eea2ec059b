import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import type { TestProcess } from '../../../../../test/helpers/processes.ts';
import { startNode, untilOutput } from '../../../../../test/helpers/processes.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { startReceiver } from '../../receiver.ts';

// Stalls that are planted and measured from outside: what spans say must be within a tenth or 20 ms, whichever is more.

t.setTimeout(300_000);
const receiver = await startReceiver(t);
const SERVICE = fileURLToPath(new URL('./planted-service.ts', import.meta.url));
const REGISTER = {
  sdk: '../../fixtures/register.ts',
  lean: '../../fixtures/register-lean.ts',
  off: '../../fixtures/register.ts',
};
/** After this time, a process looks at what was before its requests. */
const STARTED_MS = 1_200;

interface Service {
  readonly child: TestProcess;
  readonly origin: string;
}

async function start(
  t: Test,
  engine: keyof typeof REGISTER,
  options: readonly string[] = [],
): Promise<Service> {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    DATA_DIR: t.testdir(),
    OTEL_SERVICE_NAME: 'planted',
  };
  const register = new URL(REGISTER[engine], import.meta.url).href;
  const args = [...options, '--import', register, SERVICE];
  const child = startNode('packages/telemetry', args, env);
  t.teardown(() => child.stop('SIGKILL'));
  await untilOutput(child, /at http:\S+\n/);
  await sleep(STARTED_MS);
  return { child, origin: /at (\S+)/.exec(child.output())?.[1] ?? '' };
}

/** Asks in a trace of its own. @returns the answer, and the spans once the SERVER span of the route has come */
async function ask(url: string, spans = 1): Promise<{ answer: string; spans: readonly ReceivedSpan[] }> {
  const traceId = randomBytes(16).toString('hex');
  const response = await fetch(url, { headers: { traceparent: `00-${traceId}-00000000000000a1-03` } });
  const answer = await response.text();
  await until(() => receiver.spansOf(traceId).length >= spans);
  return { answer, spans: receiver.spansOf(traceId) };
}

const longestOf = ({ events }: ReceivedSpan) =>
  events
    .filter(({ name }) => name === 'stall')
    .map(({ attributes }) => attributes)
    .toSorted((a, b) => Number(b['tandem.stall.duration_ms']) - Number(a['tandem.stall.duration_ms']))[0];

function tells(t: Test, told: unknown, planted: number, what: string): void {
  const slack = Math.max(20, planted / 10);
  t.ok(Math.abs(Number(told) - planted) <= slack, `${what}: told ${told}, planted ${planted.toFixed(1)}`);
}

const only = (spans: readonly ReceivedSpan[], kind: string, last = false) =>
  spans.filter((span) => span.kind === kind).at(last ? -1 : 0) as ReceivedSpan;

for (const engine of ['sdk', 'lean'] as const) {
  t.test(`${engine}: loops of the callee, the caller, and both`, async (t) => {
    const caller = await start(t, engine);
    const callee = await start(t, engine);
    const first = encodeURIComponent(`${callee.origin}/loop/0`);
    await ask(`${caller.origin}/relay?ms=0&url=${first}`, 3); // loads the code of calls
    for (const ms of [50, 300, 1_000]) {
      const { answer, spans } = await ask(`${callee.origin}/loop/${ms}`);
      const stall = longestOf(only(spans, 'SERVER'));
      tells(t, stall?.['tandem.stall.duration_ms'], Number(answer), `callee ${ms}`);
      t.ok(['ran', 'waited_for_processor'].includes(String(stall?.['tandem.stall.kind'])));

      for (const other of [0, ms]) {
        const url = encodeURIComponent(`${callee.origin}/loop/${other}`);
        const relayed = await ask(`${caller.origin}/relay?ms=${ms}&url=${url}`, 3);
        const { own, other: ofCallee } = JSON.parse(relayed.answer);
        const relay = relayed.spans.find(({ name }) => name === 'GET /relay') as ReceivedSpan;
        const stalled = longestOf(relay)?.['tandem.stall.duration_ms'];
        tells(t, stalled, own, `caller ${ms} beside ${other}`);
        if (other > 0) {
          const call = longestOf(only(relayed.spans, 'CLIENT'))?.['tandem.stall.duration_ms'];
          t.equal(call, stalled, 'its call tells the same');
        }
        const asked = relayed.spans.find(({ name }) => name === 'GET /loop/:ms') as ReceivedSpan;
        tells(t, asked.attributes['tandem.stalled_ms'] ?? 0, ofCallee, `callee ${other} beside ${ms}`);
      }
    }
  });

  t.test(`${engine}: a job without a span, before the request`, async (t) => {
    const { origin } = await start(t, engine);
    for (const ms of [50, 300, 1_000]) {
      await ask(`${origin}/wait/1`);
      await sleep(400);
      await fetch(`${origin}/health/job/${ms}`);
      await sleep(60); // the job has begun, and the request waits for its end
      const { spans } = await ask(`${origin}/wait/1`);
      const planted = Number(await (await fetch(`${origin}/health/job`)).text());
      tells(t, only(spans, 'SERVER').attributes['tandem.stalled_before_ms'], planted, `job of ${ms}`);
    }
  });

  t.test(`${engine}: a synchronous call, and a stop`, async (t) => {
    const { child, origin } = await start(t, engine);
    const executed = await ask(`${origin}/exec/300`);
    const blocked = longestOf(only(executed.spans, 'SERVER'));
    tells(t, blocked?.['tandem.stall.duration_ms'], Number(executed.answer), 'execFileSync');
    t.not(blocked?.['tandem.stall.kind'], 'ran');

    const asked = ask(`${origin}/wait/900`);
    await sleep(200);
    const since = performance.now();
    child.child.kill('SIGSTOP');
    await sleep(500);
    child.child.kill('SIGCONT');
    const planted = performance.now() - since;
    const stopped = longestOf(only((await asked).spans, 'SERVER'));
    tells(t, stopped?.['tandem.stall.duration_ms'], planted, 'SIGSTOP');
    t.equal(stopped?.['tandem.stall.kind'], 'stopped');
  });

  t.test(`${engine}: a stop of a process without work, before the request`, async (t) => {
    const { child, origin } = await start(t, engine);
    await ask(`${origin}/wait/1`); // loads the code of a request
    await sleep(200);
    for (const connection of ['kept', 'again']) {
      const since = performance.now();
      child.child.kill('SIGSTOP');
      await sleep(20);
      const asked = ask(`${origin}/wait/1`);
      await sleep(500);
      child.child.kill('SIGCONT');
      const stopped = performance.now() - since;
      const { attributes } = only((await asked).spans, 'SERVER');
      t.equal(attributes['tandem.stalled_before.kind'], 'stopped', connection);
      t.ok(Number(attributes['tandem.stalled_before_ms']) >= stopped - 100, 'at least as long');
    }
  });

  t.test(`${engine}: a machine that sleeps`, async (t) => {
    const clock = 'const { now } = Date; globalThis.slept = 0; Date.now = () => now() + globalThis.slept;';
    const { origin } = await start(t, engine, [
      '--import',
      `data:text/javascript,${encodeURIComponent(clock)}`,
    ]);
    const { spans } = await ask(`${origin}/suspend/5000`);
    const stall = longestOf(only(spans, 'SERVER'));
    tells(t, stall?.['tandem.stall.duration_ms'], 5_000, 'suspended');
    t.equal(stall?.['tandem.stall.kind'], 'suspended');
  });

  t.test(`${engine}: garbage collection, beside --trace-gc`, async (t) => {
    const { child, origin } = await start(t, engine, ['--expose-gc', '--trace-gc']);
    const before = child.output().length;
    const { spans } = await ask(`${origin}/gc`);
    const stall = longestOf(only(spans, 'SERVER'));
    const lines = child
      .output()
      .slice(before)
      .matchAll(/ MB, ([\d.]+) \/ /g);
    const planted = [...lines].reduce((sum, [, ms]) => sum + Number(ms), 0);
    tells(t, stall?.['tandem.stall.gc_ms'], planted, 'gc');
  });
}

t.test('a busy neighbour is told as a wait for a processor', async (t) => {
  const { origin } = await start(t, 'sdk');
  await ask(`${origin}/wait/1`); // loads the code of a request
  const neighbours = Array.from({ length: availableParallelism() * 4 }, () =>
    spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }),
  );
  t.teardown(() => {
    for (const each of neighbours) each.kill('SIGKILL');
  });
  for (let count = 0; count < 20; count++) {
    const { spans } = await ask(`${origin}/wait/100`);
    const stall = longestOf(only(spans, 'SERVER'));
    const isLong = Number(stall?.['tandem.stall.duration_ms'] ?? 0) >= 50;
    if (isLong) t.equal(stall?.['tandem.stall.kind'], 'waited_for_processor');
  }
});

t.test('an idle process wakes up no more often', async (t) => {
  const services = await Promise.all((['sdk', 'off'] as const).map((engine) => start(t, engine)));
  for (const { origin } of services) await ask(`${origin}/wait/1`);
  await sleep(6_000); // the spans are sent, and idle connections are closed
  const counts = () =>
    services.map(({ child: { child } }) => {
      const status = readFileSync(`/proc/${child.pid}/task/${child.pid}/status`, 'utf8');
      return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
    });
  const before = counts(); // other timers of the process wake it up every two seconds; a tick would do so 500 times
  await sleep(10_000);
  const [on = 0, off = 0] = counts().map((count, at) => count - (before[at] ?? 0));
  t.ok(on <= off + 30, `${on} in ten seconds, ${off} with TRACE_WAITS=false`);
});
