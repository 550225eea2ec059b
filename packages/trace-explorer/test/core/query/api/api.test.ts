import { once } from 'node:events';
import { connect } from 'node:net';
import Fastify from 'fastify';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildExplorer } from '../../../../src/app.ts';
import { RunRequest } from '../../../../src/core/query/parse/parse-run-request.ts';
import { QuerySpecInput } from '../../../../src/core/query/parse/query-spec.ts';
import { BubbleUpBody } from '../../../../src/parts/query/server/bubbleup/parse-bubbleup.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';

const REQUESTS: Readonly<Record<string, object | undefined>> = {
  '/api/bubbleup': { selection: { start_time: 1 } },
  '/api/rows': { query: {} },
  '/api/overview': undefined,
  '/api/map': undefined,
  '/api/traces': undefined,
  '/api/logs': undefined,
  '/api/logs/density': undefined,
};

t.test('a client that hangs up ends its reading, and no error is logged', async (t) => {
  const stored = await temporaryStore(t);
  let reads = 0;
  // Reads once the client is gone, which a reading of so little would not last for.
  const read: typeof stored.read = async (sql, values, options) => {
    if (options?.signal !== undefined) {
      reads++;
      if (!options.signal.aborted) await once(options.signal, 'abort');
    }
    return stored.read(sql, values, options);
  };
  const store = new Proxy(stored, {
    get(of, name) {
      const part = name === 'read' ? read : Reflect.get(of, name, of);
      return typeof part === 'function' ? part.bind(of) : part;
    },
  });
  const lines: { level: number; msg: string }[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const { log: logger } = Fastify({ logger: { level: 'debug', stream } });
  const app = await buildExplorer({ store, logger });
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  for (const [path, content] of Object.entries(REQUESTS)) {
    const body = content === undefined ? '' : JSON.stringify(content);
    const client = connect(port, '127.0.0.1');
    const headers = content === undefined ? '' : 'content-type: application/json\r\n';
    client.write(
      `${content === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`,
    );
    const before = reads;
    await until(() => reads > before, { what: path });
    client.destroy();
    await until(() => lines.some(({ msg }) => msg.startsWith('the client closed')));
    t.notOk(
      lines.splice(0).some(({ level }) => level > 30),
      path,
    );
  }
});

/** Names that are no slug, as senders may choose: each byte of the first is three characters of a path, the second is stored cut. */
const NAMES = ['/'.repeat(250), 'one ö name'.repeat(60), `${'one ö name'.repeat(60)}2`, 'short'];

t.test('a dataset is found in a path whatever its name is, and however long', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  await storeSpans(
    store,
    NAMES.map((service, i) => ({ service, attributes: { [`own.${i}`]: i } })),
  );
  for (const [i, name] of NAMES.entries()) {
    const path = encodeURIComponent(name);
    const { status, body } = await get(`/1/columns/${path}`);
    t.equal(status, 200, `${path.length} characters: ${JSON.stringify(body).slice(0, 200)}`);
    const own = body
      .map((each: { key_name: string }) => each.key_name)
      .filter((key: string) => /^own/.test(key));
    t.same(own, [`own.${i}`]);
    const query = await app.inject({ method: 'POST', url: `/1/queries/${path}`, payload: {} });
    const payload = { query_id: query.json().id, disable_series: true };
    const result = await app.inject({ method: 'POST', url: `/1/query_results/${path}`, payload });
    t.match(result.json(), { data: { results: [{ data: { COUNT: 1 } }] } });
  }
  t.match(await get(`/1/columns/${'x'.repeat(5_000)}`), {
    status: 404,
    body: { error: 'Dataset not found' },
  });
});

const { app, store, get } = await temporaryExplorer(t);
await storeSpans(store, [{ name: 'a', attributes: { n: 1 } }]);
const { paths } = (await get('/documentation/json')).body;
const bodyOf = (path: string) => paths[path].post.requestBody.content['application/json'].schema;

t.test('a request is read by the schema of its document', async (t) => {
  for (const [path, schema] of [
    ['/1/queries/{dataset}', QuerySpecInput],
    ['/1/query_results/{dataset}', RunRequest],
    ['/api/bubbleup', BubbleUpBody],
  ] as const) {
    t.same(bodyOf(path), JSON.parse(JSON.stringify(schema)), path);
  }
});

/** Values that clients write out for what they do not use. */
const NEUTRAL = [null, '', 0, false];

/** Bodies that have an object of each kind, and leave out what they can. */
const QUERY = {
  calculations: [{ op: 'COUNT' }],
  calculated_fields: [{ name: 'x', expression: '1' }],
  filters: [{ column: 'n', op: '=', value: 1 }],
  orders: [{ op: 'COUNT' }],
  havings: [{ calculate_op: 'COUNT', op: '>', value: 1 }],
};
const SELECTION = { start_time: 1, filters: QUERY.filters };

t.test('a value that fits the document is taken, and null for an optional part', async (t) => {
  const { id: query_id } = (
    await app.inject({ method: 'POST', url: '/1/queries/__all__', payload: {} })
  ).json();
  for (const [path, body] of [
    ['/1/queries/{dataset}', QUERY],
    ['/1/query_results/{dataset}', { query_id }],
    // The dataset does not exist: the request is read, and not answered.
    ['/api/bubbleup', { dataset: 'none', query: QUERY, selection: SELECTION }],
    ['/api/rows', { dataset: 'none', query: QUERY }],
  ] as const) {
    const schema: TSchema = bodyOf(path);
    const url = path.replace('{dataset}', '__all__');
    const ask = async (payload: object) => (await app.inject({ method: 'POST', url, payload })).json();
    let compared = 0;
    for (const at of placesIn(schema, body)) {
      const name = at.join('.').replace(/\.(\d+)/g, '[$1]');
      const without = withValue(body, at, undefined);
      const isOptional = Check(schema, without);
      const leftOut = isOptional ? problemAt(await ask(without), name) : undefined;
      for (const value of NEUTRAL) {
        const changed = withValue(body, at, value);
        if (!Check(schema, changed) && !(isOptional && value === null)) continue;
        compared++;
        const problem = problemAt(await ask(changed), name);
        if (problem !== leftOut) t.equal(problem, undefined, `${path} ${name} = ${JSON.stringify(value)}`);
      }
    }
    t.ok(compared > 2, `${path}: ${compared} compared`);
  }
});

type Place = readonly (string | number)[];

/** Every key that a schema has, and one that it does not have, in each object of a body. */
function placesIn(schema: TSchema, body: object, at: Place = []): Place[] {
  const { properties } = schema as unknown as { properties: Record<string, { items?: TSchema }> };
  return [...Object.keys(properties), 'unknown'].flatMap((key) => {
    const given = (body as Record<string, unknown>)[key];
    const inner = properties[key]?.items ?? properties[key] ?? {};
    const below = [given].flat().flatMap((each, i) => {
      const place = Array.isArray(given) ? [...at, key, i] : [...at, key];
      return typeof each === 'object' && each !== null ? placesIn(inner, each, place) : [];
    });
    return [[...at, key], ...below];
  });
}

function withValue(body: object, at: Place, value: unknown): object {
  const changed = JSON.parse(JSON.stringify(body));
  let owner = changed;
  for (const key of at.slice(0, -1)) owner = owner[key];
  owner[at.at(-1) ?? ''] = value;
  return changed;
}

/** What an answer says of a field, in either form of errors. */
function problemAt(answer: Answer, name: string): string | undefined {
  const of = (answer.type_detail ?? answer.errors ?? []).find(({ field }) => field === name);
  return of?.description ?? of?.detail;
}

interface Answer {
  readonly type_detail?: readonly Detail[];
  readonly errors?: readonly Detail[];
}
interface Detail {
  readonly field: string;
  readonly description?: string;
  readonly detail?: string;
}
