import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import type { TestProcess } from '../../../../test/helpers/processes.ts';
import { startNode } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import { startTraced } from '../child-process.ts';
import { startReceiver } from '../receiver.ts';
import type { Test } from '../road/delivery/harness.ts';
import { names, spoolFilesIn, temporaryDirectory } from '../road/delivery/harness.ts';

// At night too: with fifteen kills for each of three states of the backend.

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/service.ts'));
const ENGINE = { TRACE_LEAN: process.env.TRACE_LEAN ?? '' };

/** Starts a process that ends so many spans, and sends what others left in the folder. */
function startService(t: Test, url: string, directory: string, prefix: string, count: number): TestProcess {
  const child = startNode('.', [SERVICE, url, directory, prefix, String(count)], ENGINE);
  t.teardown(() => child.stop('SIGKILL'));
  return child;
}

interface Ended {
  /** Milliseconds, by the process's clock. */
  readonly at: number;
  readonly name: string;
}

/** Milliseconds. A process ends a span every 2 ms, so the machine causes a longer gap. */
const STOOD_STILL_MS = 200;
/** Milliseconds in which at least one of the started processes is steady. */
const RETRY_MS = 120_000;

/** By the defaults, spans are on disk after 450 ms and a write: 50 ms are left. */
const DEFAULTS_STOOD_STILL_MS = 40;

/** Whether the process never stood still. Only then is the time of its writes to disk known. */
function isSteady(ended: readonly Ended[], limitMs: number): boolean {
  return ended.every(({ at }, index) => at - (ended[index - 1]?.at ?? at) < limitMs);
}

// The tests mostly wait. Side by side, all tests take as long as the longest.
t.jobs = 6;

/** By night, 45 kills at random moments. */
const KILLS = IS_NIGHT ? 15 : 1;

/** A process that ends a span every 2 ms, and prints the time of each end in milliseconds, and the span's name. */
function startBusy(url: string, directory: string, prefix: string, settings: object): TestProcess {
  const script = `
    let count = 0;
    setInterval(() => {
      const name = '${prefix}-' + count++;
      withSpan(name, {}, () => {});
      process.stderr.write(Math.round(performance.now()) + ' ' + name + '\\n');
    }, 2);
  `;
  return startTraced(script, {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_SERVICE_NAME: 'service',
    OTEL_LOGS_EXPORTER: 'none',
    DATA_DIR: directory,
    ...ENGINE,
    ...settings,
  });
}

function endedSpansOf(child: TestProcess): Ended[] {
  const lines = child.output().matchAll(/^(\d+) (\w+-\d+)$/gm);
  return Array.from(lines, ([, at, name = '']) => ({ at: Number(at), name }));
}

const STATES = [
  ['refuses connections for now', { status: 503 }],
  ['hangs', 'hang'],
  ['works', { status: 200 }],
] as const;

for (const [state, answer] of IS_NIGHT ? STATES : STATES.slice(0, 1))
  for (let kill = 1; kill <= KILLS; kill++)
    t.test(`SIGKILL ${kill} while the backend ${state} loses at most the last 500 ms`, async (t) => {
      const receiver = await startReceiver(t, answer);
      // A busy machine is never as steady as the defaults ask.
      const isByDefaults = IS_NIGHT && kill === 1 && state !== 'works';
      const settings = isByDefaults ? {} : { OTEL_BSP_SCHEDULE_DELAY: '150' };
      let tries = 0;
      const killed = async () => {
        const directory = temporaryDirectory(t);
        const child = startBusy(receiver.url, directory, `killed${++tries}`, settings);
        const count = 400 + Math.random() * 300;
        await until(() => endedSpansOf(child).length > count, { everyMs: 20 });
        await child.stop('SIGKILL');
        const ended = endedSpansOf(child);
        const limitMs = isByDefaults ? DEFAULTS_STOOD_STILL_MS : STOOD_STILL_MS;
        return isSteady(ended, limitMs) && { ended, directory };
      };
      const { ended, directory } = await until(killed, { limitMs: RETRY_MS });
      receiver.answer = () => ({ status: 200 });
      startService(t, receiver.tracesUrl, directory, 'successor', 0);
      const last = ended.at(-1)?.at ?? Number.NaN;
      const owed = ended.filter(({ at }) => at < last - 500).map(({ name }) => name);
      t.ok(owed.length > 50, 'there was something to lose');
      await until(() => owed.every((name) => receiver.accepted.includes(name)));
    });

t.test(
  'two replicas that share a directory send each span once, also spans of a stopped replica',
  async (t) => {
    const directory = temporaryDirectory(t);
    const receiver = await startReceiver(t, { status: 503 });
    const one = startService(t, receiver.tracesUrl, directory, 'one', 100);
    const two = startService(t, receiver.tracesUrl, directory, 'two', 100);
    const shared = join(directory, 'spool', 'service', 'otlp');
    const files = () => (existsSync(shared) ? spoolFilesIn(shared) : []);
    // The name says how many spans are in a file. A claimed file may not be whole yet, or be sent at the moment.
    const stored = () =>
      files().reduce((sum, name) => sum + Number(/_(\d+)_\d+\.spans$/.exec(name)?.[1] ?? Number.NaN), 0);
    // Other processes send only the spans that are on disk when a process is stopped.
    await until(() => stored() === 200);
    t.equal(statSync(shared).mode & 0o777, 0o700);
    for (const name of files()) {
      const found = statSync(name, { throwIfNoEntry: false }); // a process that tries again renames its file
      if (found !== undefined) t.equal(found.mode & 0o777, 0o600, name);
    }
    one.child.kill('SIGSTOP');
    // A request that the replica had sent is still refused.
    await sleep(100);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    receiver.answer = () => ({ status: 200 });
    const third = startService(t, receiver.tracesUrl, directory, 'three', 100);
    await receiver.waitFor(() => receiver.accepted.length >= 300);
    t.same(
      [...receiver.accepted].sort(),
      [...names(100, 'one'), ...names(100, 'three'), ...names(100, 'two')].sort(),
    );
    await one.stop('SIGKILL');
    t.same(await Promise.all([two.stop(), third.stop()]), [0, 0]);
    t.equal(receiver.accepted.length, 300, 'each came once');
    t.same(files(), [], 'and nothing is left on disk');
  },
);
