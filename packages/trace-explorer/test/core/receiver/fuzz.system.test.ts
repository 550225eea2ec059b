import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { encodeSpan, resourceToJson, spanToJson } from '@tandem/otlp';
import type { Generator, PlainSpan, PlainValue } from '@tandem/otlp/testing';
import { decoded, generator, message } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { memoryOf } from '../../../../../benchmarks/capacity/explorer-state.ts';
import { EXPLORER_MEMORY } from '../../../../../scripts/lib/processes/pair-parts.ts';
import { longestWait, sendSmallRequests } from '../../../../../test/helpers/load/small-requests.ts';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { buildExplorer } from '../../../src/app.ts';
import { openStore } from '../../../src/core/store/store.ts';
import { temporaryDirectory } from '../../spans.ts';

// At night too: with more bodies, and others each night.

/** Mutated bodies of a run. */
const BODIES = Number(process.env.OTLP_FUZZ_BODIES ?? (IS_NIGHT ? 50_000 : 300));
/** The same bodies for the same seed; at night others each day. */
const SEED = Number(process.env.OTLP_FUZZ_SEED ?? (IS_NIGHT ? Math.floor(Date.now() / 86_400_000) : 1));
/** Long runs by hand take as long as they take. */
const TIMEOUT_MS = Math.max(240_000, BODIES * 40);
/** Sent together, so that they share the store's transactions. */
const AT_ONCE = 60;
/** What another client may wait for, as far as it is the explorer's doing: a loaded machine adds to the wait alone. */
const MOST_WAIT_MS = 1_000;
/** Megabytes. */
const MOST_MB = 700;
/** So few that fields share one, as the odd names are many. */
const MAX_COLUMNS = 60;
const RECEIVER = fileURLToPath(import.meta.resolve('../store/supervise/kill-receiver.ts'));

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

interface FuzzedRequest {
  readonly type: string;
  readonly body: Buffer;
  readonly isGzip?: boolean;
  /** Good spans, all of which have to be stored; undefined when the bad bytes may be around them. */
  readonly good?: number;
}

t.setTimeout(TIMEOUT_MS);
t.test(`${BODIES} mutated bodies: no crash, no 5xx, and no good span beside a bad one is lost`, async (t) => {
  t.setTimeout(TIMEOUT_MS);
  const directory = temporaryDirectory(t);
  const explorer = await startReceiver(t, directory);
  const beside = await sendSmallRequests(explorer.otlpUrl, { pid: explorer.pid });
  t.teardown(() => beside.end());
  const random = generator(SEED);
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  let good = 0;
  for (let sent = 0; sent < BODIES; sent += AT_ONCE) {
    const requests = Array.from({ length: Math.min(AT_ONCE, BODIES - sent) }, () => fuzzed(random));
    const answers = await Promise.all(requests.map((request) => send(explorer, request)));
    for (const [index, { status, body }] of answers.entries()) {
      const request = requests[index];
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const isExpected = request?.good === undefined ? [200, 400, 413] : [200];
      good += request?.good ?? 0;
      if (!isExpected.includes(status))
        wrong.push(`${status} ${body} for ${request?.type} ${request?.body.toString('base64')}`);
    }
  }
  const waits = await beside.stop();
  const longest = longestWait(waits);
  t.comment(
    `another client waited ${longest.milliseconds} ms at most, of which the event loop was busy ${longest.busyMs} ms`,
  );
  t.same(wrong.slice(0, 3), []);
  t.ok((statuses.get(200) ?? 0) > BODIES / 2, JSON.stringify([...statuses]));
  const heldUp = waits.filter(({ milliseconds, busyMs }) => Math.min(milliseconds, busyMs) > MOST_WAIT_MS);
  t.same(heldUp, [], 'nobody else is held up');
  // Linux has it; the explorer is the same elsewhere.
  if (existsSync(`/proc/${explorer.pid}/status`)) {
    const peak = memoryOf(explorer.pid);
    t.comment(`${peak} MB resident at most`);
    t.ok(peak < MOST_MB, `${peak} MB`);
  }

  process.kill(explorer.pid, 'SIGKILL');
  await explorer.ended;
  const store = await openStore({ directory, maxColumns: MAX_COLUMNS });
  t.teardown(() => store.close());
  const field = store.fields().get('fuzz.good');
  const { rows } = await store.read(`SELECT count(*) FROM spans WHERE ${field?.sql ?? 'false'}`);
  t.equal(Number(rows[0]?.[0]), good, 'what was answered with 200 is there after a kill -9');

  // What was stored can be read, whatever it is.
  const spilled = [...store.fields().values()].filter((each) => each.spilled).slice(-50);
  for (const { name, sql } of spilled) await t.resolves(store.read(`SELECT max(${sql}) FROM spans`), name);
  const app = await buildExplorer({ store });
  t.teardown(() => app.close());
  for (const url of ['/api/traces?limit=50', '/api/map', '/api/status'])
    t.equal((await app.inject(url)).statusCode, 200, url);
});

/** The receiver and its store as a process that is started as the explorer's is. */
async function startReceiver(t: Test, directory: string) {
  const child = spawn(
    process.execPath,
    [...EXPLORER_MEMORY.arguments, RECEIVER, directory, String(1024 ** 3), String(MAX_COLUMNS)],
    { env: { ...process.env, ...EXPLORER_MEMORY.environment }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const [port] = await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, otlpUrl: `http://127.0.0.1:${String(port).trim()}/v1/traces`, ended };
}

async function send({ otlpUrl }: { readonly otlpUrl: string }, { type, body, isGzip }: FuzzedRequest) {
  const headers = { 'content-type': type, ...(isGzip === true && { 'content-encoding': 'gzip' }) };
  const answer = await fetch(otlpUrl, { method: 'POST', headers, body: Uint8Array.from(body) });
  return { status: answer.status, body: await answer.text() };
}

function fuzzed(random: Generator): FuzzedRequest {
  const kind = random.integer(0, 8);
  if (kind < 3) return badSpanInProtobuf(random);
  if (kind < 5) return badSpanInJson(random);
  const spans = [plainSpan(random), plainSpan(random)];
  if (kind === 5) return { type: PROTOBUF, body: mutated(random, protobufBody(spans.map(rawOf))) };
  if (kind === 6) return { type: JSON_TYPE, body: mutated(random, jsonBody(spans.map(jsonOf))) };
  return { type: PROTOBUF, body: mutated(random, gzipSync(protobufBody(spans.map(rawOf)))), isGzip: true };
}

function badSpanInProtobuf(random: Generator): FuzzedRequest {
  const bad = mutated(random, rawOf(plainSpan(random)));
  return {
    type: PROTOBUF,
    body: protobufBody([rawOf(goodSpan(random)), bad, rawOf(goodSpan(random))]),
    good: 2,
  };
}

function badSpanInJson(random: Generator): FuzzedRequest {
  const bad = mutatedJson(random, jsonOf(plainSpan(random)));
  return {
    type: JSON_TYPE,
    body: jsonBody([jsonOf(goodSpan(random)), bad, jsonOf(goodSpan(random))]),
    good: 2,
  };
}

function plainSpan(random: Generator): PlainSpan {
  return {
    name: random.text(),
    parentSpanId: random.pick(['', 'abcdef0123456789']),
    attributes: attributesOf(random),
    events: Array.from({ length: random.integer(0, 3) }, () => ({
      name: random.pick(['exception', random.text()]),
      attributes: attributesOf(random),
    })),
    links: Array.from({ length: random.integer(0, 2) }, () => ({
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      attributes: attributesOf(random),
    })),
    statusMessage: random.text(),
  };
}

function goodSpan(random: Generator): PlainSpan {
  return { ...plainSpan(random), attributes: { 'fuzz.good': true } };
}

function attributesOf(random: Generator): Record<string, PlainValue> {
  const values: (() => PlainValue)[] = [
    () => random.text(),
    () => random.integer(-100, 100),
    () => -(2n ** 63n),
    () => ({ float: Number.NaN }),
    () => Buffer.from(random.text()),
    () => [random.text(), [true, 1]],
    () => ({ map: { inner: { map: { '': random.text() } } } }),
    () => null,
  ];
  return Object.fromEntries(
    Array.from({ length: random.integer(0, 6) }, () => [random.text(), random.pick(values)()]),
  );
}

function rawOf(span: PlainSpan): Buffer {
  const [content] = decoded([span]).scopeSpans[0]?.spans ?? [];
  return content === undefined ? Buffer.alloc(0) : Buffer.from(encodeSpan(content));
}

function jsonOf(span: PlainSpan): unknown {
  const [content] = decoded([span]).scopeSpans[0]?.spans ?? [];
  return content === undefined ? {} : spanToJson(content);
}

const [SHARED] = decoded([{}]).scopeSpans;

function protobufBody(spans: readonly Uint8Array[]): Buffer {
  const resource = message(1, SHARED?.resource.raw ?? Buffer.alloc(0));
  const scopeSpans = message(2, Buffer.concat(spans.map((span) => message(2, span))));
  return message(1, Buffer.concat([resource, scopeSpans]));
}

function jsonBody(spans: readonly unknown[]): Buffer {
  const resource = SHARED === undefined ? {} : resourceToJson(SHARED.resource);
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }));
}

/** The bytes with some flipped, cut out, put in, doubled or moved. */
function mutated(random: Generator, bytes: Buffer): Buffer {
  let result = Buffer.from(bytes);
  const changes = random.integer(1, 6);
  for (let change = 0; change < changes && result.length > 0; change++) {
    const at = random.integer(0, result.length);
    const length = random.integer(1, 12);
    const other = random.integer(0, result.length);
    const noise = Buffer.from(Array.from({ length }, () => random.integer(0, 256)));
    const edits = [
      () => Buffer.concat([result.subarray(0, at), noise, result.subarray(at + length)]),
      () => Buffer.concat([result.subarray(0, at), noise, result.subarray(at)]),
      () => Buffer.concat([result.subarray(0, at), result.subarray(at + length)]),
      () => Buffer.concat([result.subarray(0, at), result.subarray(other, other + 40), result.subarray(at)]),
      () => result.subarray(0, at),
      () => {
        const flipped = Buffer.from(result);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << random.integer(0, 8));
        return flipped;
      },
    ];
    result = Buffer.from(random.pick(edits)());
  }
  return result;
}

/** The value with some part of it, however deep, replaced by one of another kind. */
function mutatedJson(random: Generator, value: unknown): unknown {
  const odd: unknown[] = [
    null,
    -1,
    1e300,
    0.5,
    '18446744073709551616',
    'x',
    '\ud800',
    [],
    {},
    [[]],
    true,
    { stringValue: 5 },
    { kvlistValue: { values: [{ key: '__proto__' }] } },
  ];
  if (random.integer(0, 4) === 0 || typeof value !== 'object' || value === null) return random.pick(odd);
  const keys = Object.keys(value);
  if (keys.length === 0) return random.pick(odd);
  const key = random.pick(keys);
  const inner: unknown = Reflect.get(value, key);
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(key) ? mutatedJson(random, inner) : item));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name === key ? mutatedJson(random, item) : item]),
  );
}
