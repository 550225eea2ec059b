import { existsSync } from 'node:fs';
import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { decoded, decodedLogs, randomId } from '@tandem/otlp/testing';
import fc from 'fast-check';
import t from 'tap';
import { memoryOf } from '../../benchmarks/capacity/explorer-state.ts';
import type { Explorer } from '../../benchmarks/lib/explorer-process.ts';
import { startExplorer } from '../../benchmarks/lib/explorer-process.ts';
import { demoTraces } from '../../packages/trace-explorer/testing/demo-data/index.ts';
import { openapiDocuments } from '../../scripts/lib/openapi-documents.ts';
import type { Wait } from '../helpers/load/small-requests.ts';
import { longestWait, sendSmallRequests } from '../helpers/load/small-requests.ts';
import { checkAnswers } from '../helpers/openapi-fuzz/answers.ts';
import type { OpenapiDocument, Operation } from '../helpers/openapi-fuzz/document.ts';
import { operationsOf } from '../helpers/openapi-fuzz/document.ts';
import type { FuzzedRequest } from '../helpers/openapi-fuzz/requests.ts';
import { requestsFor } from '../helpers/openapi-fuzz/requests.ts';
import type { Known } from '../helpers/openapi-fuzz/schema-values.ts';
import { FuzzClient } from '../helpers/openapi-fuzz/send.ts';
import { startPair } from '../helpers/pair.ts';

/** Requests of a run, of all servers together. */
const REQUESTS = Number(process.env.OPENAPI_FUZZ_REQUESTS ?? 20_000);
/** Equal seeds give equal requests, except for the ids of activities and the times of spans. Each night has others. */
const SEED = Number(process.env.OPENAPI_FUZZ_SEED ?? Math.floor(Date.now() / 86_400_000));
/** One request alone, by its server and number: `explorer:1234`. */
const [ONLY_SERVER, ONLY_NUMBER] = process.env.OPENAPI_FUZZ_ONLY?.split(':') ?? [];
/** Long runs by hand take as long as they take. */
const TIMEOUT_MS = Math.max(240_000, REQUESTS * 40);
/** Sent at the same time. */
const AT_ONCE = 8;
/** Megabytes of the explorer's memory. */
const MOST_MB = 700;
/** Another client may not wait longer while the server is busy for longer, too. A loaded machine adds to the wait only. */
const MOST_WAIT_MS = 1_000;

const documents = await openapiDocuments();

interface Server {
  readonly name: string;
  readonly origin: string;
  readonly pid: number;
  /** Its share of all requests. */
  readonly share: number;
  readonly known: Known;
  /** The path that another client asks for meanwhile. */
  readonly beside: string;
}

t.setTimeout(TIMEOUT_MS);
t.test(`${REQUESTS} requests made from the OpenAPI documents, seed ${SEED}`, async (t) => {
  t.setTimeout(TIMEOUT_MS);
  const errors = new Set<string>();
  const explorer = await startExplorer(
    t,
    { EXPLORER_QUERIES: t.testdir(), EXPLORER_SERVICES: 'nobody=http://127.0.0.1:1' },
    (line) => {
      const { level, err, msg } = JSON.parse(line) as { level: string; msg: string; err?: { stack: string } };
      if (level === 'error') errors.add(`${msg}: ${err?.stack}`);
    },
  );
  const known = await fill(explorer);
  const pair = await startPair({ otlpUrl: new URL(explorer.otlpUrl).origin, env: { LOG_LEVEL: 'error' } });
  t.teardown(() => pair.stop());
  const home = await fetch(`${pair.api}/api/activities/home?limit=20`);
  const { activities } = (await home.json()) as { activities: { uuid: string; handle: string }[] };
  const handle = [...new Set(activities.map((activity) => activity.handle))];
  const servers: Server[] = [
    {
      name: 'activities-api',
      origin: pair.api,
      pid: pair.activities.child.pid ?? 0,
      share: 0.25,
      known: { uuid: activities.map(({ uuid }) => uuid), handle, term: ['e', 'span', 'the'] },
      beside: '/api/activities/home?limit=1',
    },
    {
      name: 'user-lookup',
      origin: pair.userLookupUrl,
      pid: pair.userLookup.child.pid ?? 0,
      share: 0.2,
      known: { handle, q: ['a', 'ba', 'worf'], after: handle },
      beside: `/api/users/${handle[0]}`,
    },
    { name: 'explorer', ...explorer, share: 0.55, known, beside: '/health/live' },
  ];
  for (const server of servers.filter(({ name }) => (ONLY_SERVER ?? name) === name)) {
    await t.test(server.name, async (t) => {
      t.setTimeout(TIMEOUT_MS);
      const beside = [await sendSmallRequests(server.origin + server.beside, { ...server, method: 'GET' })];
      if (server.name === 'explorer')
        beside.push(await sendSmallRequests(explorer.otlpUrl, { pid: explorer.pid }));
      t.teardown(() => Promise.all(beside.map((client) => client.end())));
      const { answers, wrong, silent } = await fuzz(server);
      const waits = (await Promise.all(beside.map((client) => client.stop()))).flat();
      const longest = longestWait(waits);
      t.comment(`answers: ${JSON.stringify(Object.fromEntries([...answers].toSorted()))}`);
      t.comment(
        `another client waited ${longest.milliseconds} ms at most, of which the server was busy ${longest.busyMs} ms`,
      );
      if (silent.length > 0) t.comment(`never answered with success: ${silent.join(', ')}`);
      for (const error of errors) t.comment(`the explorer's log: ${error.slice(0, 1_000)}`);
      t.same(wrong.slice(0, 10), [], `${wrong.length} kinds of answers are not as documented`);
      t.same(waits.filter(isHeldUp), [], 'nobody else is held up');
      t.equal((await fetch(`${server.origin}/health/live`)).status, 200, 'it still answers');
      if (ONLY_SERVER === undefined) t.ok(answers.has('200') && answers.has('400'), 'good and bad ones');
    });
  }
  t.same([pair.activities.child.exitCode, pair.userLookup.child.exitCode], [null, null]);
  // Linux has it; the explorer is the same elsewhere.
  if (existsSync(`/proc/${explorer.pid}/status`)) {
    const peak = memoryOf(explorer.pid);
    t.comment(`the explorer's memory: ${peak} MB at most`);
    t.ok(peak < MOST_MB, `${peak} MB`);
  }
});

/** A wait that is not the machine's doing. */
function isHeldUp({ milliseconds, busyMs }: Wait): boolean {
  return milliseconds > MOST_WAIT_MS && busyMs > MOST_WAIT_MS;
}

interface Fuzzed {
  /** How often each status came. */
  readonly answers: ReadonlyMap<string, number>;
  /** A text for each kind of answer that is not as documented, with a request that got it and how to send it again. */
  readonly wrong: readonly string[];
  /** Operations that no request has got a success from. */
  readonly silent: readonly string[];
}

async function fuzz({ name, origin, known, share }: Server): Promise<Fuzzed> {
  const document = documents[name] as OpenapiDocument;
  const operations = operationsOf(document);
  const check = checkAnswers(document);
  const requests = operations.map((operation) => requestsFor(operation, known));
  const requestOf = (number: number): FuzzedRequest => {
    const [request] = fc.sample(requests[number % requests.length] ?? fc.constant(undefined as never), {
      seed: SEED * 1_000_003 + number,
      numRuns: 1,
    });
    return request as FuzzedRequest;
  };
  const client = new FuzzClient(origin);
  const answers = new Map<string, number>();
  const wrong = new Map<string, string>();
  const successes = new Set<Operation | undefined>();
  const count = (answer: string) => answers.set(answer, (answers.get(answer) ?? 0) + 1);
  // One of each kind.
  const report = (number: number, request: FuzzedRequest, found: string) => {
    const { method, path } = operations[number % operations.length] ?? {};
    const kind = `${method} ${path} ${found.slice(0, 60)}`;
    if (!wrong.has(kind)) wrong.set(kind, describe(name, number, request, found));
  };
  const one = async (number: number): Promise<void> => {
    const request = requestOf(number);
    try {
      const answer = await client.send(request);
      if (answer === undefined) return void count('refused while it was sent');
      count(String(answer.status));
      if (answer.status < 300 && request.mistake === 'none')
        successes.add(operations[number % operations.length]);
      const found = check(request, answer);
      if (found !== undefined) report(number, request, `${found}\n${answer.body.slice(0, 500)}`);
    } catch (error) {
      count('no answer');
      report(number, request, String(error));
    }
  };
  if (ONLY_NUMBER === undefined) {
    const end = Math.ceil(REQUESTS * share);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, first) => {
        for (let number = first; number < end; number += AT_ONCE) await one(number);
      }),
    );
  } else {
    const number = Number(ONLY_NUMBER);
    process.stderr.write(`${describe(name, number, requestOf(number), 'is sent')}\n`);
    await one(number);
  }
  client.close();
  const silent = operations.filter((operation) => !successes.has(operation));
  return {
    answers,
    wrong: [...wrong.values()],
    silent: silent.map(({ method, path }) => `${method} ${path}`),
  };
}

function describe(name: string, number: number, request: FuzzedRequest, found: string): string {
  const { mistake, method, target, headers, body } = request;
  return `${found}
mistake: ${mistake}; ${method} ${target.slice(0, 1_000)} ${JSON.stringify(headers).slice(0, 1_000)} ${body?.slice(0, 3_000) ?? ''}
OPENAPI_FUZZ_SEED=${SEED} OPENAPI_FUZZ_ONLY=${name}:${number} sends it again`;
}

/** Sends demo data to the explorer, and saves a query and a calculated field. @returns what of it requests can ask for */
async function fill({ origin, otlpUrl }: Explorer): Promise<Known> {
  // At night with the traces of thousands of spans, in the gate without.
  const isSmall = REQUESTS <= 200;
  const traces = [...demoTraces({ spans: isSmall ? 600 : 6_000, small: isSmall, minutes: 30, seed: SEED })];
  const post = async (path: string, body: Uint8Array) => {
    const sent = await fetch(new URL(path, otlpUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from(body),
    });
    if (!sent.ok) throw new Error(`${path}: ${sent.status} ${await sent.text()}`);
  };
  await post('/v1/traces', encodeTraces(decoded(traces.flatMap(({ spans }) => spans))));
  await post('/v1/logs', encodeLogs(decodedLogs(traces.flatMap(({ logs }) => logs))));
  const json = { 'content-type': 'application/json' };
  const query = { calculations: [{ op: 'COUNT' }], breakdowns: ['service.name'] };
  const ask = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(origin + path, { method, headers: json, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const { id } = await ask('POST', '/1/queries/__all__', query);
  const result = await ask('POST', '/1/query_results/__all__', { query_id: id });
  await ask('PUT', '/api/saved/queries/known', { query });
  await ask('PUT', '/api/saved/calculated-fields/known', {
    expression: 'INT($duration_ms)',
    description: '',
  });
  const some = traces.filter(({ spans }) => spans.length > 1).slice(-5);
  const traceIds = [...some.map(({ spans: [span] }) => String(span?.traceId)), randomId(16)];
  const columns = [
    'duration_ms',
    'service.name',
    'name',
    'trace.trace_id',
    'http.response.status_code',
    'known',
  ];
  return {
    dataset: ['__all__', 'activities-api', 'nobody'],
    traceId: traceIds,
    trace_id: traceIds,
    spanId: some.flatMap(({ spans }) => spans.slice(0, 2).map(({ spanId }) => String(spanId))),
    id: [id, result.id, 'known', '1', '100'],
    query_id: [id],
    slug: ['known', 'other'],
    alias: ['known', 'other'],
    column: columns,
    columns,
    breakdowns: columns,
    key_name: columns,
    expression: ['INT($duration_ms)', 'IF(GT($duration_ms, 5), "slow", "fast")', 'CONCAT($name, 1)'],
    field: ['service.name=activities-api', 'duration_ms=1'],
    query: [query, JSON.stringify(query)],
    selection: [{ filters: [{ column: 'duration_ms', op: '>', value: 5 }] }],
    time_range: [60, 3_600, 86_400],
    q: ['GET', 'select'],
  };
}
