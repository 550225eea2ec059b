import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import { spansOf, startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import { until } from '../../../../test/helpers/until.ts';
import { startTraced } from '../child-process.ts';
import type { Test } from './harness.ts';
import { names, spoolFilesIn, temporaryDirectory } from './harness.ts';

interface Service {
  readonly process: ChildProcess;
  /** Every span that the process ended, with the time by the process's clock in milliseconds. */
  readonly ended: { readonly at: number; readonly name: string }[];
  isReady: boolean;
}

function startService(t: Test, url: string, directory: string, prefix: string, behaviour: string): Service {
  const file = fileURLToPath(import.meta.resolve('./fixtures/service.ts'));
  const child = spawn(process.execPath, [file, url, directory, prefix, behaviour], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const service: Service = { process: child, ended: [], isReady: false };
  let partial = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (partial + chunk.toString()).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) {
      const [at, name] = line.split(' ');
      if (name) service.ended.push({ at: Number(at), name });
      else service.isReady = true;
    }
  });
  t.teardown(() => stop(service, 'SIGKILL'));
  return service;
}

async function stop({ process: child }: Service, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
  return child.exitCode;
}

async function backend(t: Test, answer: OtlpReceiver['answer']): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver();
  receiver.answer = answer;
  t.teardown(() => receiver.close());
  return receiver;
}

/** Milliseconds. A process ends a span every 2 ms, so the machine causes a longer gap. */
const STOOD_STILL_MS = 200;
/** Milliseconds in which at least one of the started processes is steady. */
const RETRY_MS = 120_000;

/** Whether the process never stood still. Only then is the time of its writes to disk known. */
function isSteady(ended: readonly { readonly at: number }[]): boolean {
  return ended.every(({ at }, index) => at - (ended[index - 1]?.at ?? at) < STOOD_STILL_MS);
}

// The tests mostly wait. Side by side, all tests take as long as the longest.
t.jobs = 6;

/** By night, 45 kills at random moments. */
const KILLS = IS_NIGHT ? 15 : 1;

for (const [state, answer] of [
  ['refuses connections for now', { status: 503 }],
  ['hangs', 'hang'],
  ['works', { status: 200 }],
] as const)
  for (let kill = 1; kill <= KILLS; kill++)
    t.test(
      `SIGKILL ${kill} while the backend ${state} loses at most the last 500 ms`,
      { buffered: true },
      async (t) => {
        const receiver = await backend(t, () => answer);
        let tries = 0;
        const killed = async () => {
          const directory = temporaryDirectory(t);
          const service = startService(t, receiver.tracesUrl, directory, `killed${++tries}`, 'run');
          const count = 400 + Math.random() * 300;
          await until(() => service.ended.length > count);
          await stop(service, 'SIGKILL');
          return isSteady(service.ended) && { service, directory };
        };
        const { service, directory } = await until(killed, { limitMs: RETRY_MS });
        receiver.answer = () => ({ status: 200 });
        const successor = startService(t, receiver.tracesUrl, directory, 'successor', 'idle');
        const last = service.ended.at(-1)?.at ?? Number.NaN;
        const owed = service.ended.filter(({ at }) => at < last - 500).map(({ name }) => name);
        t.ok(owed.length > 50, 'there was something to lose');
        await until(() => owed.every((name) => receiver.accepted.includes(name)));
        await stop(successor, 'SIGTERM');
      },
    );

t.test(
  'an uncaught exception loses nothing, also no span of a request under way',
  { buffered: true },
  async (t) => {
    const directory = temporaryDirectory(t);
    const receiver = await backend(t, () => 'hang');
    const service = startService(t, receiver.tracesUrl, directory, 'thrown', 'throw');
    const [code] = await once(service.process, 'close');
    t.equal(code, 70);
    receiver.answer = () => ({ status: 200 });
    startService(t, receiver.tracesUrl, directory, 'successor', 'idle');
    await receiver.waitFor(() => receiver.accepted.length >= 200);
    t.same(receiver.accepted, names(200, 'thrown'));
  },
);

t.test(
  'spans that a clean shutdown could not send are sent by the next process',
  { buffered: true },
  async (t) => {
    const directory = temporaryDirectory(t);
    const receiver = await backend(t, () => ({ status: 503 }));
    const service = startService(t, receiver.tracesUrl, directory, 'first', 'exit');
    const [code] = await once(service.process, 'close');
    t.equal(code, 0);
    receiver.answer = () => ({ status: 200 });
    const second = startService(t, receiver.tracesUrl, directory, 'second', 'burst');
    await receiver.waitFor(() => receiver.accepted.length >= 200);
    t.same([...receiver.accepted].sort(), [...names(100, 'first'), ...names(100, 'second')].sort());
    t.equal(await stop(second, 'SIGTERM'), 0);
  },
);

t.test(
  'two replicas that share a directory send each span once, also spans of a stopped replica',
  { buffered: true },
  async (t) => {
    const directory = temporaryDirectory(t);
    const receiver = await backend(t, () => ({ status: 503 }));
    const one = startService(t, receiver.tracesUrl, directory, 'one', 'burst');
    const two = startService(t, receiver.tracesUrl, directory, 'two', 'burst');
    const shared = join(directory, 'spool', 'service', 'backend');
    const files = () => (existsSync(shared) ? spoolFilesIn(shared) : []);
    // The name says how many spans are in a file. A claimed file may not be whole yet, or be sent at the moment.
    const stored = () =>
      files().reduce((sum, name) => sum + Number(/_(\d+)_\d+\.spans$/.exec(name)?.[1] ?? Number.NaN), 0);
    // Other processes send only the spans that are on disk when a process is stopped.
    await until(() => one.isReady && two.isReady && stored() === 200);
    t.equal(statSync(shared).mode & 0o777, 0o700);
    for (const name of files()) t.equal(statSync(name).mode & 0o777, 0o600, name);
    one.process.kill('SIGSTOP');
    receiver.answer = () => ({ status: 200 });
    const third = startService(t, receiver.tracesUrl, directory, 'three', 'burst');
    await receiver.waitFor(() => receiver.accepted.length >= 300);
    t.same(
      [...receiver.accepted].sort(),
      [...names(100, 'one'), ...names(100, 'three'), ...names(100, 'two')].sort(),
    );
    await stop(one, 'SIGKILL');
    await Promise.all([stop(two, 'SIGTERM'), stop(third, 'SIGTERM')]);
    t.equal(receiver.accepted.length, 300, 'each came once');
    t.same(files(), [], 'and nothing is left on disk');
  },
);

for (const answer of [{ status: 503 }, 'hang'] as const) {
  t.test(
    `by the defaults, spans that a killed process ended 500 ms before are on disk (${JSON.stringify(answer)})`,
    { buffered: true },
    async (t) => {
      const receiver = await backend(t, () => answer);
      const script = `
        let count = 0;
        setInterval(() => {
          const name = 'span-' + count++;
          withSpan(name, {}, () => {});
          process.stderr.write(Math.round(performance.now()) + ' ' + name + '\\n');
        }, 2);
      `;
      const killed = async () => {
        const directory = temporaryDirectory(t);
        const child = startTraced(script, {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_LOGS_EXPORTER: 'none',
          DATA_DIR: directory,
        });
        const endedSpans = () =>
          Array.from(child.output().matchAll(/^(\d+) (span-\d+)$/gm), ([, at, name]) => ({
            at: Number(at),
            name,
          }));
        await until(() => endedSpans().length > 600, { everyMs: 50 });
        await child.stop('SIGKILL');
        const ended = endedSpans();
        return isSteady(ended) && { ended, directory };
      };
      const { ended, directory } = await until(killed, { limitMs: RETRY_MS });
      const kept = spoolFilesIn(directory).flatMap((name) => {
        try {
          return spansOf(readFileSync(name)).map((span) => span.name);
        } catch {
          return []; // the file that was written when the process was killed
        }
      });
      const last = ended.at(-1)?.at ?? Number.NaN;
      const owed = ended.filter(({ at }) => at < last - 500);
      t.ok(owed.length > 50, 'there was something to lose');
      t.same(
        owed.filter(({ name }) => !kept.includes(name ?? '')),
        [],
      );
    },
  );
}
