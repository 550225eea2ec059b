import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../../../../../test/helpers/npm.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { codeLineProcessor } from '../../../src/features/lines/line-processor.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { readSettings } from '../../../src/process/settings/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { startKafka } from './kafka-broker.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
t.setTimeout(2 * INSTALL_TIMEOUT_MS);
process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
const telemetry = createTestTelemetry({
  serviceName: 'unit',
  spanProcessors: [codeLineProcessor(import.meta.dirname)],
});
const said: string[] = [];
const stop = injectedChannels()({
  provider: trace.getTracerProvider(),
  loggerProvider: undefined,
  settings: readSettings({}),
  log: { debug() {}, info() {}, error() {}, warn: (_fields: object, line: string) => said.push(line) },
});
t.teardown(async () => {
  stop?.();
  await telemetry.shutdown();
});

const work = t.testdir();
const app = join(work, 'app');
await npmInstall(app, [
  'kafkajs@2.2.4',
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/instrumentation-kafkajs@0.32.0',
]);
const require = createRequire(join(app, 'main.cjs'));
await writeFile(join(app, 'main.mjs'), 'export default (name) => import(name);');
const { default: importFrom } = await import(pathToFileURL(join(app, 'main.mjs')).href);
const KINDS = {
  require: async (name: string) => require(name),
  import: async (name: string) => (await importFrom(name)).default,
};
const broker = await startKafka(t, join(work, 'kafka'));

/** The parts of a message that handlers of tests read. */
interface Message {
  readonly offset: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** What kafkajs gives to `eachMessage`. */
interface Payload {
  readonly topic: string;
  readonly partition: number;
  readonly message: Message;
  /** Returns how to resume. */
  pause(): () => void;
}

/** kafkajs with topics of six partitions each. An error of a handler is tried again at once. */
async function open(load: (typeof KINDS)['require'], ...topics: readonly string[]) {
  const { Kafka } = await load('kafkajs');
  // A consumer that has left may still try to join; without its broker it would do so for ever.
  const restartOnFailure = async () => broker.isRunning();
  const retry = { retries: 400, initialRetryTime: 20, maxRetryTime: 100, restartOnFailure };
  const kafka = new Kafka({ clientId: 'test', brokers: [broker.address], logLevel: 0, retry });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 6 })) });
  telemetry.reset();
  type Look = () => boolean | Promise<boolean>;
  /** Consumes the topics from their beginning until `isEnough`. */
  const consume = async (groupId: string, run: object, isEnough: Look, what?: () => string) => {
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run(run);
    await until(isEnough, { limitMs: 240_000, ...(what && { what }) });
    await consumer.disconnect();
  };
  const producer = async (options: object = {}) => {
    const made = kafka.producer(options);
    await made.connect();
    return made;
  };
  return { kafka, admin, consume, producer };
}

const of = (kind: SpanKind) => telemetry.spans().filter((span) => span.kind === kind);
const idOf = (span: ReadableSpan) => span.spanContext().spanId;
const activeId = () => trace.getActiveSpan()?.spanContext().spanId ?? '';
const failed = (spans: readonly ReadableSpan[]) =>
  spans.filter(({ status }) => status.code === SpanStatusCode.ERROR);
/** By CONSUMER span, the number of the request that sent the message. */
const requestsOf = (consumers: readonly ReadableSpan[]) => {
  const all = new Map(telemetry.spans().map((span) => [idOf(span), span]));
  const above = (span?: ReadableSpan) => all.get(span?.parentSpanContext?.spanId ?? '');
  return new Map(consumers.map((span) => [idOf(span), above(above(span))?.attributes.n]));
};
const inRequests = (count: number, request: (n: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: count }, (_, n) => withSpan('request', { n }, () => request(n))));

for (const [kind, load] of Object.entries(KINDS)) {
  t.test(`${kind}: each send is a PRODUCER, and each attempt at a message a CONSUMER below it`, async (t) => {
    const [one, two] = [`${kind}-one`, `${kind}-two`];
    const { consume, producer, admin } = await open(load, one, two);
    const { send, sendBatch, disconnect } = await producer();
    const message = (n: number, part: string) =>
      Object.freeze({
        key: 'secret',
        value: `secret ${n} ${part}`,
        headers: Object.freeze({ n: String(n) }),
      });
    await inRequests(250, async (n) => {
      await send({ topic: one, messages: [message(n, 'a')] });
      const both = [
        { topic: one, messages: [message(n, 'b'), message(n, 'c')] },
        { topic: two, messages: [message(n, 'd')] },
      ];
      await sendBatch({ topicMessages: both });
      await t.rejects(send({ topic: one, messages: [{ headers: { n: String(n) } }] }), /without value/);
      await t.rejects(send({ topic: one }), /Invalid messages/);
      await t.rejects(sendBatch({ topicMessages: [{ topic: one, messages: [null] }] }), TypeError);
      await t.rejects(send(), TypeError);
    });
    await disconnect();
    const [done, tried] = [new Set<string>(), new Set<string>()];
    const attempts = new Map<string, number>();
    const eachMessage = async ({ message }: { message: Message }) => {
      const n = Number(message.headers.n);
      attempts.set(activeId(), n);
      await turn();
      const text = String(message.value);
      if (n % 50 === 0 && !tried.has(text)) {
        tried.add(text);
        throw new Error('tried again');
      }
      done.add(text);
    };
    const committed = async () => {
      const offsets = await admin.fetchOffsets({ groupId: kind, topics: [one, two] });
      const all = offsets.flatMap(({ partitions }: { partitions: { offset: string }[] }) => partitions);
      return all.reduce(
        (sum: number, { offset }: { offset: string }) => sum + Math.max(0, Number(offset)),
        0,
      );
    };
    const isEnough = async () => done.size === 1000 && (await committed()) === 1000;
    const run = { partitionsConsumedConcurrently: 3, eachMessage };
    await consume(kind, run, isEnough, () => `${done.size} messages, ${attempts.size} attempts`);

    const [sent, taken] = [of(SpanKind.PRODUCER), of(SpanKind.CONSUMER)];
    t.equal(sent.length, 1500);
    t.equal(failed(sent).length, 1000);
    t.same(new Set(sent.map(({ name }) => name)), new Set([`send ${one}`, 'send']));
    t.ok(sent.every(({ attributes }) => attributes['code.file.path'] === 'kafkajs.nightly.test.ts'));
    t.equal(tried.size, 20);
    t.equal(taken.length, 1020);
    t.same(new Set(failed(taken).map(({ status }) => status.message)), new Set(['tried again']));
    t.equal(failed(taken).length, tried.size);
    t.same(new Set(taken.map(({ name }) => name)), new Set([`process ${one}`, `process ${two}`]));
    t.same(requestsOf(taken), attempts, 'an attempt is below what sent the message, and its span is active');
    assertConventions(telemetry.spans());
    t.notMatch(JSON.stringify(telemetry.spans().map(({ attributes }) => attributes)), /secret/);
    await admin.disconnect();
  });

  t.test(`${kind}: what a transaction sends has spans, and nobody processes what it aborts`, async (t) => {
    const topic = `${kind}-transactions`;
    const { consume, producer, admin } = await open(load, topic);
    const { transaction, disconnect } = await producer({ transactionalId: kind, maxInFlightRequests: 1 });
    for (let n = 0; n < 50; n++)
      await withSpan('request', { n }, async () => {
        const { send, sendBatch, commit, abort } = await transaction();
        const messages = [{ value: `${n}`, headers: { n: `${n}` } }];
        await Promise.all([send({ topic, messages }), send({ topic, messages })]);
        await sendBatch({ topicMessages: [{ topic, messages }] });
        await (n % 2 === 0 ? commit() : abort());
      });
    await disconnect();
    const attempts = new Map<string, number>();
    const eachMessage = async ({ message }: { message: Message }) =>
      attempts.set(activeId(), Number(message.headers.n));
    await consume(topic, { eachMessage }, () => of(SpanKind.CONSUMER).length === 75);
    t.equal(of(SpanKind.PRODUCER).length, 150);
    t.same(requestsOf(of(SpanKind.CONSUMER)), attempts);
    t.ok([...attempts.values()].every((n) => n % 2 === 0));
    await admin.disconnect();
  });

  t.test(`${kind}: a batch is one CONSUMER with a link to each span that sent`, async (t) => {
    const topic = `${kind}-batches`;
    const { consume, producer, admin } = await open(load, topic);
    const { send, disconnect } = await producer();
    await inRequests(100, (n) => send({ topic, messages: [{ value: `${n}` }, { value: 'again' }] }));
    await send({ topic, messages: [{ value: 'outside of all traces' }] });
    await disconnect();
    let [batches, done] = [0, 0];
    const eachBatch = async ({ batch }: { batch: { messages: Message[] } }) => {
      if (batches++ === 0) throw new Error('tried again');
      await turn();
      done += batch.messages.length;
      t.equal(trace.getActiveSpan()?.isRecording(), true);
    };
    await consume(topic, { eachBatch }, () => done === 201 && of(SpanKind.CONSUMER).length === batches);
    const taken = of(SpanKind.CONSUMER);
    t.equal(failed(taken).length, 1);
    t.ok(taken.every(({ name, parentSpanContext }) => name === `process ${topic}` && !parentSpanContext));
    const whole = taken.filter(({ status }) => status.code !== SpanStatusCode.ERROR);
    const counts = whole.map(({ attributes }) => Number(attributes['messaging.batch.message_count']));
    t.equal(
      counts.reduce((a, b) => a + b),
      201,
    );
    const links = new Set(whole.flatMap((span) => span.links.map(({ context }) => context.spanId)));
    t.same(links, new Set(of(SpanKind.PRODUCER).map(idOf)));
    assertConventions(taken);
    await admin.disconnect();
  });
}

t.test("messages stay the app's own, and so does a context that the app put in", async (t) => {
  const { consume, producer, admin } = await open(KINDS.require, 'own');
  const { send, disconnect } = await producer();
  const traceparent = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01';
  class Mail {
    readonly #text = 'of a class';
    get value() {
      return this.#text;
    }
    get headers() {
      return { own: ['1', '2'] };
    }
  }
  const messages = [
    Object.freeze({ value: 'traced', headers: Object.freeze({ traceparent, own: 'a' }) }),
    new Mail(),
    { value: null, headers: null },
  ];
  await withSpan('request', {}, () => send({ topic: 'own', messages }));
  t.same(messages[0], { value: 'traced', headers: { traceparent, own: 'a' } });
  t.same(messages[2], { value: null, headers: null });
  const taken: [string, Record<string, unknown>, string | undefined][] = [];
  const eachMessage = async ({ message }: { message: Message }) => {
    const { traceId } = trace.getActiveSpan()?.spanContext() ?? {};
    const texts = Object.entries(message.headers).map(([name, value]) => [name, [value].flat().map(String)]);
    taken.push([String(message.value), Object.fromEntries(texts), traceId]);
  };
  // On a busy machine a group is joined anew, and gets again what it has not committed.
  await consume('own', { eachMessage }, () => new Set(taken.map(([value]) => value)).size === 3);
  const [{ traceId = '' } = {}] = of(SpanKind.PRODUCER).map((span) => span.spanContext());
  const byValue = new Map(taken.map(([value, ...others]) => [value, others]));
  t.same(byValue.get('traced'), [{ traceparent: [traceparent], own: ['a'] }, 'a'.repeat(32)]);
  const [headers, trace1] = byValue.get('of a class') ?? [];
  t.match(headers, { own: ['1', '2'], traceparent: [new RegExp(traceId)] });
  t.equal(trace1, traceId);
  t.equal(byValue.get('null')?.[1], traceId);
  await disconnect();
  await admin.disconnect();
});

t.test('pause, seek and offsets that the app commits itself are as without spans', async (t) => {
  const { kafka, producer, admin } = await open(KINDS.require, 'paused');
  const { send, disconnect } = await producer();
  const messages = [1, 2, 3, 4].map((n) => ({ partition: 0, value: `${n}` }));
  await send({ topic: 'paused', messages });
  await disconnect();
  const consumer = kafka.consumer({ groupId: 'paused', maxWaitTimeInMs: 50 });
  await consumer.subscribe({ topics: ['paused'], fromBeginning: true });
  const taken: string[] = [];
  await consumer.run({
    autoCommit: false,
    async eachMessage({ topic, partition, message, pause }: Payload) {
      taken.push(String(message.value));
      if (taken.length === 2) consumer.seek({ topic, partition, offset: '0' });
      if (taken.length === 4) setImmediate(pause());
      if (taken.length === 6) await consumer.commitOffsets([{ topic, partition, offset: '2' }]);
    },
  });
  await until(() => of(SpanKind.CONSUMER).length === 6);
  t.same(taken, ['1', '2', '1', '2', '3', '4']);
  await consumer.disconnect();
  const [{ partitions }] = await admin.fetchOffsets({ groupId: 'paused', topics: ['paused'] });
  t.equal(partitions.find(({ partition }: { partition: number }) => partition === 0).offset, '2');
  t.ok(of(SpanKind.CONSUMER).every(({ parentSpanContext }) => parentSpanContext === undefined));
  await admin.disconnect();
});

t.test("beside OpenTelemetry's instrumentation, the spans are the instrumentation's alone", async (t) => {
  const { KafkaJsInstrumentation } = await KINDS.require('@opentelemetry/instrumentation-kafkajs');
  const instrumentation = new KafkaJsInstrumentation();
  const { consume, producer, admin } = await open(KINDS.require, 'instrumented');
  const { send, disconnect } = await producer();
  await withSpan('request', {}, () => send({ topic: 'instrumented', messages: [{ value: 'a' }] }));
  await disconnect();
  await consume('instrumented', { async eachMessage() {} }, () => of(SpanKind.CONSUMER).length > 0);
  const scopes = [...of(SpanKind.PRODUCER), ...of(SpanKind.CONSUMER)].map(
    (span) => span.instrumentationScope,
  );
  t.same(
    scopes.map(({ name }) => name),
    Array(2).fill('@opentelemetry/instrumentation-kafkajs'),
  );
  instrumentation.disable();
  await admin.disconnect();
});

t.test('a send without a broker is a failed span', async (t) => {
  const { Kafka } = await KINDS.require('kafkajs');
  const client = { brokers: [broker.address], logLevel: 0, retry: { retries: 1, initialRetryTime: 20 } };
  const { connect, send, disconnect } = new Kafka(client).producer();
  await connect();
  telemetry.reset();
  await broker.kill();
  const sent = withSpan('request', {}, () => send({ topic: 'gone', messages: [{ value: 'a' }] }));
  await t.rejects(sent);
  t.equal(failed(of(SpanKind.PRODUCER)).length, 1);
  await disconnect();
});

t.test('nothing was said of kafkajs', async (t) => t.same(said, []));
