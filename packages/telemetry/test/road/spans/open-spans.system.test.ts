import { randomBytes } from 'node:crypto';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { untilOutput } from '../../../../../test/helpers/processes.ts';
import { sendLeftovers, startTraced } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

// At night too: with a backend that works and one that is down, for each way of ending.

// Each test is a process or two, which mostly wait.
t.jobs = 3;

/** A service with two requests that are never answered. The second request ends the process. */
const SERVICE = `
  import { readFile } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { fastifyTracing } from '@tandem/telemetry';
  import { fastify } from 'fastify';
  const boom = () => { throw new TypeError('boom'); };
  const ways = {
    callback: () => readFile('/', boom),
    timer: () => setTimeout(boom, 5),
    rejection: () => void sleep(5).then(boom),
    exit: () => process.exit(3),
    handled: () => { process.on('uncaughtException', () => process.exit(5)); setTimeout(boom, 5); },
    SIGTERM: () => process.kill(process.pid, 'SIGTERM'),
  };
  const app = fastify();
  await app.register(fastifyTracing);
  app.get('/waits', () => withSpan('waits', {}, () => { console.log('it waits'); return sleep(60_000); }));
  app.get('/ends/:how', ({ params: { how } }) => withSpan('works', {}, () => {
    withSpan('done', {}, () => {});
    ways[how]();
    return sleep(60_000);
  }));
  console.log('at ' + await app.listen({ host: '127.0.0.1', port: 0 }));
`;

const receiver = await startReceiver(t);

/** The spans of each of the two requests, without ids and times. */
interface Seen {
  readonly waits: Record<string, unknown>[];
  readonly ends: Record<string, unknown>[];
}

const BACKENDS = ['works', 'is down'] as const;
/** In the gate: with and without time to send. */
const BACKENDS_OF: Readonly<Record<string, readonly (typeof BACKENDS)[number][]>> = {
  callback: ['works'],
  rejection: ['is down'],
  exit: ['works'],
  SIGTERM: ['is down'],
};

for (const [how, error, code] of [
  ['callback', 'TypeError', 1],
  ['timer', 'TypeError', 1],
  ['rejection', 'TypeError', 1],
  ['handled', 'TypeError', 5],
  ['exit', undefined, 3],
  ['SIGTERM', undefined, null],
] as const) {
  for (const backend of IS_NIGHT ? BACKENDS : (BACKENDS_OF[how] ?? [])) {
    t.test(
      `a process that ends by ${how} in a request loses no span of it, while the backend ${backend}`,
      async (t) => {
        const directory = t.testdir();
        const seen = await endInRequest({ how, code, backend, directory, t });
        const cut = { 'tandem.process_ended': true };
        const ended = { ...cut, 'error.type': 'process_ended' };
        const failed = error === undefined ? ended : { ...cut, 'error.type': error };
        const exceptions = error === undefined ? [] : [{ type: error, message: 'boom' }];
        t.strictSame(seen.waits, [
          { name: 'GET /waits', below: 'the caller', status: 2, ...ended, exceptions: [] },
          { name: 'waits', below: 'GET /waits', status: 2, ...ended, exceptions: [] },
        ]);
        t.strictSame(seen.ends, [
          { name: 'GET /ends/:how', below: 'the caller', status: 2, ...failed, exceptions },
          { name: 'done', below: 'works', status: 0, exceptions: [] },
          { name: 'works', below: 'GET /ends/:how', status: 2, ...failed, exceptions },
        ]);
      },
    );
  }
}

t.test(
  'a function whose time is up sends its open spans as timeouts, and no later end of theirs',
  async (t) => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATA_DIR: t.testdir() };
    const script = `
    const { running } = await import('./src/process/running.ts');
    const { trace } = await import('@opentelemetry/api');
    const start = (name) => trace.getTracer('app').startSpan(name);
    const span = start('its time is up');
    await running.value.flush();
    await running.value.flush({ endOpenSpans: true });
    span.end();
    start('the next call').end();
    await running.value.flush();
    process.kill(process.pid, 'SIGKILL'); // a frozen process may never go on
  `;
    const child = startTraced(script, environment);
    t.equal(await child.exited, null, child.output());
    await sendLeftovers(environment);
    const sent = (name: string) => receiver.spans().filter((span) => span.name === name);
    t.ok(sent('its time is up').length > 0 && sent('the next call').length > 0, child.output());
    for (const { attributes, status } of sent('its time is up'))
      t.strictSame([attributes['error.type'], status], ['timeout', 2]);
    t.notMatch(child.output(), /once on a span|operation on a span/);
  },
);

interface Ending {
  readonly how: string;
  readonly code: number | null;
  readonly backend: 'works' | 'is down';
  readonly directory: string;
  readonly t: { equal(found: unknown, wanted: unknown, name: string): unknown };
}

/** Ends a process in a request, and starts another process, which sends the files of the first. */
async function endInRequest({ how, code, backend, directory, t }: Ending): Promise<Seen> {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATA_DIR: directory };
  const down = { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const child = startTraced(SERVICE, backend === 'works' ? environment : down);
  await untilOutput(child, /at http:\S+\n/);
  const origin = /at (\S+)/.exec(child.output())?.[1];
  const [waits, ends] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const ask = (path: string, traceId: string) =>
    fetch(`${origin}${path}`, { headers: { traceparent: `00-${traceId}-00000000000000a1-03` } }).then(
      () => 'answered',
      () => 'cut off',
    );
  const waiting = ask('/waits', waits);
  await untilOutput(child, 'it waits');
  const answers = [await ask(`/ends/${how}`, ends), await waiting];
  t.equal(await child.exited, code, child.output());
  t.equal(answers.join(), 'cut off,cut off', 'neither was answered');
  t.equal(/once on a span|operation on a span/.test(child.output()), false, child.output());
  const hasArrived = receiver.spansOf(ends).some(({ kind }) => kind === 'SERVER');
  if (backend === 'is down') t.equal(hasArrived, false, 'the next process sends it');
  // At other ends a thread sends, as far as it gets in time.
  else if (how === 'SIGTERM') t.equal(hasArrived, true, 'it was sent');
  await sendLeftovers(environment);
  return { waits: described(receiver.spansOf(waits)), ends: described(receiver.spansOf(ends)) };
}

function described(spans: readonly ReceivedSpan[]): Record<string, unknown>[] {
  const nameOf = (id: string) =>
    id === '00000000000000a1' ? 'the caller' : spans.find(({ spanId }) => spanId === id)?.name;
  // Sent twice where a busy machine left no time for the answer.
  const once = new Map(spans.map((span) => [span.spanId, span])).values();
  return [...once]
    .map(({ name, parentSpanId, status, attributes, events }) => ({
      name,
      below: nameOf(parentSpanId),
      status,
      ...pick(attributes, ['tandem.process_ended', 'error.type']),
      exceptions: events.filter(isException).map((event) => ({
        type: event.attributes['exception.type'],
        message: event.attributes['exception.message'],
      })),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isException({ name }: { readonly name: string }): boolean {
  return name === 'exception'; // on a busy machine there are stalls, too
}

function pick(attributes: ReceivedSpan['attributes'], keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (key in attributes ? [[key, attributes[key]]] : [])));
}
