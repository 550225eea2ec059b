import { decodeTraces } from '@tandem/otlp';
import type { PlainLogRecord } from '@tandem/otlp/testing';
import t from 'tap';
import { VERIFY_RULES } from '../../../../src/parts/verify/server/rules.ts';
import { verify } from '../../../../src/parts/verify/server/verify.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeLogs, storeSpans, temporaryStore } from '../../../spans.ts';

const id = ids();

/** A resource, a SERVER span, a CLIENT span and a statement with nothing wrong in them. */
const RESOURCE = {
  'service.instance.id': '627cc493-f310-47de-96bd-71410b7dec09',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.version': '2.12.0',
  'process.runtime.version': '24.1.0',
};
const [SERVER, CLIENT, PRODUCER] = [2, 3, 4];
const HTTP = {
  'http.request.method': 'GET',
  'http.route': '/users/:id',
  'url.path': '/users/7',
  'url.scheme': 'http',
  'http.response.status_code': 200,
};
const server: PlainSpan = {
  resource: RESOURCE,
  traceId: id('trace', 16),
  spanId: id('server'),
  name: 'GET /users/:id',
  kind: SERVER,
  start: at(0),
  durationMs: 9,
  attributes: HTTP,
};
const below = { ...server, parentSpanId: id('server') };
const client: PlainSpan = {
  ...below,
  spanId: id('client'),
  name: 'GET',
  kind: CLIENT,
  attributes: {
    'http.request.method': 'GET',
    'url.full': 'http://users:4568/api/users?token=REDACTED',
    'server.address': 'users',
    'server.port': 4568,
    'http.response.status_code': 200,
  },
};
const statement: PlainSpan = {
  ...below,
  spanId: id('statement'),
  name: 'SELECT users',
  kind: CLIENT,
  attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1 WHERE id = $1' },
};
const line: PlainLogRecord = { resource: RESOURCE, body: 'asked', severityText: 'INFO', time: at(1) };
const RIGHT = [server, client, statement];

interface Violation {
  rule: string;
  sentence: string;
  mend: string;
  count: number;
  place: string;
}

const { store, get } = await temporaryExplorer(t);

/** Stores these rows, and no others. */
async function storeAlone(spans: readonly PlainSpan[], logs: readonly PlainLogRecord[] = []) {
  await store.delete({ all: true });
  await storeSpans(store, spans);
  if (logs.length > 0) await storeLogs(store, logs);
}

async function askReport(query = '') {
  const { status, body } = await get(`/api/verify${query}`);
  return {
    status,
    body,
    services: body.services as { service: string; violations: Violation[] }[],
  };
}

t.test('a service without a fault scores 100, and nothing is said against it', async (t) => {
  await storeAlone(RIGHT, [line]);
  const { status, body } = await askReport();
  t.equal(status, 200);
  t.match(body, {
    specification: { version: '0.1', commit: /^[0-9a-f]{40}$/ },
    looked_at: 4,
    of: 4,
    services: [
      { service: 'test-service', language: 'nodejs', spans: 3, logs: 1, score: 100, category: 'Excellent' },
    ],
  });
  t.strictSame(body.services[0].violations, []);
  t.equal(body.services[0].holding.length, 12);
  t.ok(body.not_measured.some(({ rule }: { rule: string }) => rule === 'MET-001'));
});

/** The rows with the attribute changed; undefined takes it away. */
function withAttributes(span: PlainSpan, changed: Record<string, unknown>): PlainSpan {
  const all = Object.entries({ ...span.attributes, ...changed }).filter(([, value]) => value !== undefined);
  return { ...span, attributes: Object.fromEntries(all) as NonNullable<PlainSpan['attributes']> };
}

function onResource(changed: Record<string, unknown>): PlainSpan[] {
  const all = Object.entries({ ...RESOURCE, ...changed }).filter(([, value]) => value !== undefined);
  const resource = Object.fromEntries(all) as NonNullable<PlainSpan['resource']>;
  return RIGHT.map((span) => ({ ...span, resource }));
}

const internal = (count: number, durationMs = 6): PlainSpan[] =>
  Array.from({ length: count }, (_, n) => {
    return { ...below, spanId: id(`step ${n}`), name: 'step', kind: 1, durationMs, attributes: {} };
  });
const failed = { status: 2 as const };
const cause = { name: 'exception', attributes: { 'exception.type': 'Error', 'exception.message': 'no' } };
const broken = {
  ...withAttributes(server, { 'http.response.status_code': 500, 'error.type': '500' }),
  ...failed,
};

/** What is sent, and the rules with their sentences that it breaks; with the mend of one. */
const CASES: readonly {
  what: string;
  spans?: readonly PlainSpan[];
  logs?: readonly PlainLogRecord[];
  finds: Record<string, RegExp>;
  mend?: RegExp;
  /** The service that is told of it, where it isn't the one that sends. */
  told?: string;
}[] = [
  {
    what: 'a resource without an instance',
    spans: onResource({ 'service.instance.id': undefined }),
    finds: { 'RES-001': /^The resource of 3 spans has no service.instance.id/ },
    mend: /OTEL_NODE_RESOURCE_DETECTORS/,
  },
  {
    what: 'one instance id in two pods',
    spans: [
      ...onResource({ 'k8s.pod.uid': 'a', 'k8s.pod.name': 'pod-a' }),
      {
        ...client,
        spanId: id('other'),
        resource: { ...RESOURCE, 'k8s.pod.uid': 'b', 'k8s.pod.name': 'pod-b' },
      },
    ],
    finds: { 'RES-002': /is the same in resources with different values of k8s.pod.uid/ },
  },
  {
    what: 'a pod without its uid',
    spans: onResource({ 'k8s.pod.name': 'pod-a' }),
    finds: { 'RES-003': /^The resource of 3 spans names a pod, but has no k8s.pod.uid/ },
  },
  {
    what: 'attributes at the wrong level',
    spans: [
      withAttributes(server, { 'service.version': '1' }),
      client,
      { ...statement, resource: { ...RESOURCE, 'http.route': '/' } },
    ],
    finds: {
      'RES-004': /^service.version describes the service, but is an attribute of 1 span/,
      'RES-004 ': /^http.route describes one operation, but stands on the resource of 1 row/,
      'wrong-kind': /^1 span of kind CLIENT with http.route/,
    },
  },
  {
    what: 'a runtime that the SDK does not support',
    spans: onResource({ 'process.runtime.version': '16.20.0' }),
    finds: { 'SDK-001': /^3 spans from SDK 2.12.0, which does not support nodejs 16.20.0/ },
  },
  {
    what: 'eleven internal spans',
    spans: [...RIGHT, ...internal(11)],
    finds: { 'SPA-001': /^1 trace with more than 10 INTERNAL spans of the service, up to 11/ },
  },
  {
    what: 'a parent that did not arrive',
    spans: [server, client, { ...statement, parentSpanId: id('nowhere') }],
    finds: { 'SPA-002': /^1 span/ },
  },
  {
    what: 'a trace that begins with a call',
    spans: [server, { ...client, parentSpanId: '', traceId: id('own', 16) }, statement],
    finds: { 'SPA-004': /^1 span of kind CLIENT/ },
  },
  {
    what: 'many short spans',
    spans: [
      server,
      ...Array.from({ length: 21 }, (_, n) => ({ ...statement, spanId: id(`s${n}`), durationMs: 1 })),
    ],
    finds: {
      'SPA-005': /^1 trace with more than 20 spans of the service that took less than 5 ms, up to 21/,
    },
  },
  {
    what: 'lines of level DEBUG for 15 days in production',
    spans: [],
    logs: [0, 15].map((days) => ({
      ...line,
      severityText: 'DEBUG',
      resource: { ...RESOURCE, 'deployment.environment.name': 'production' },
      time: at(-days * 86_400_000),
    })),
    finds: { 'LOG-001': /^2 log records of level DEBUG/ },
  },
  {
    what: 'a line without a severity',
    spans: [],
    logs: [line, { ...line, severity: 0, severityText: '' }],
    finds: { 'LOG-002': /^1 log record/ },
  },
  {
    what: 'the old names of HTTP',
    spans: [
      {
        ...server,
        attributes: {
          'http.method': 'GET',
          'http.target': '/users/7',
          'http.scheme': 'http',
          'http.route': '/users/:id',
          'http.status_code': 200,
        },
      },
      client,
      statement,
    ],
    finds: {
      'deprecated-name': /^http.method is on 1 span: replaced by http.request.method/,
      'deprecated-name ': /^http.target is on 1 span: replaced by url.path, url.query/,
      'deprecated-name  ': /^http.scheme is on/,
      'deprecated-name   ': /^http.status_code is on/,
    },
    mend: /OTEL_SEMCONV_STABILITY_OPT_IN=http/,
  },
  {
    what: 'a name that the conventions lack',
    spans: [server, client, withAttributes(statement, { 'db.querytext': 'x', 'app.now': 1 })],
    finds: { 'unknown-name': /^db.querytext is on 1 span: .* the nearest is db.query.text/ },
    mend: /setAttribute\('db.query.text'/,
  },
  {
    what: 'a status as text',
    spans: [withAttributes(server, { 'http.response.status_code': '200' }), client, statement],
    finds: { 'wrong-type': /^http.response.status_code is string on 1 row; the conventions have int/ },
    mend: /Number\(value\)/,
  },
  {
    what: 'spans without what the conventions require',
    spans: [
      withAttributes(server, { 'url.scheme': undefined, 'http.response.status_code': undefined }),
      withAttributes(client, { 'url.full': undefined, 'server.port': undefined }),
      withAttributes(statement, { 'db.system.name': undefined }),
      {
        ...below,
        spanId: id('message'),
        name: 'send',
        kind: PRODUCER,
        attributes: { 'messaging.destination.name': 'q' },
      },
      {
        ...below,
        spanId: id('rpc'),
        name: 'Users/Get',
        kind: CLIENT,
        attributes: { 'rpc.method': 'Users/Get' },
      },
      {
        ...below,
        spanId: id('model'),
        name: 'chat',
        kind: CLIENT,
        attributes: { 'gen_ai.request.model': 'm' },
      },
    ],
    finds: {
      'missing-attribute': /^1 HTTP server span without url.scheme/,
      'missing-attribute 1': /^1 successful HTTP server span without http.response.status_code/,
      'missing-attribute 2': /^1 HTTP client span without url.full/,
      'missing-attribute 3': /^1 HTTP client span without server.port/,
      'missing-attribute 4': /^1 database span without db.system.name/,
      'missing-attribute 5': /^1 messaging span without messaging.system.name/,
      'missing-attribute 6': /^1 messaging span without messaging.operation.name/,
      'missing-attribute 7': /^1 RPC span without rpc.system.name/,
      'missing-attribute 8': /^1 span of a generative model without gen_ai.operation.name/,
      'missing-attribute 9': /^1 call of a generative model without gen_ai.provider.name/,
    },
  },
  {
    what: 'a request whose client left before the answer',
    spans: [
      withAttributes(server, {
        'http.response.status_code': undefined,
        'error.type': 'client_disconnected',
        'tandem.response.cut_off': 'before_headers',
      }),
      client,
      statement,
    ],
    finds: {},
  },
  {
    what: 'ids and paths in names',
    spans: [
      { ...server, name: 'GET /users/7' },
      { ...client, name: 'GET /api/users', attributes: { ...client.attributes, 'url.path': '/api/users' } },
      { ...statement, name: 'load 7b3a1c9e-2f4d-4e6a-9b8c-1d2e3f4a5b6c' },
    ],
    finds: {
      'value-in-name': /^2 spans with an id, a number or an address in the name/,
      'value-in-name ': /^1 span/,
    },
  },
  {
    what: 'a name per user',
    spans: [
      server,
      client,
      statement,
      ...['andrew', 'bayko'].map((user) => ({
        ...below,
        spanId: id(user),
        name: `home of ${user}`,
        attributes: { 'user.id': user },
      })),
    ],
    finds: { 'name-per-user': /^2 spans with the user in the name/ },
  },
  {
    what: 'kinds that contradict attributes',
    spans: [
      server,
      { ...client, kind: 1 },
      { ...statement, kind: SERVER },
      {
        ...below,
        spanId: id('publish'),
        name: 'send q',
        kind: 5,
        attributes: {
          'messaging.system.name': 'kafka',
          'messaging.operation.name': 'send',
          'messaging.operation.type': 'send',
        },
      },
    ],
    finds: {
      'wrong-kind':
        /^1 span of kind INTERNAL with http.request.method: a span of an HTTP request is CLIENT or SERVER/,
      'wrong-kind ': /^1 span of kind SERVER with/,
      'wrong-kind  ':
        /^1 span of kind CONSUMER with messaging.operation.type: a span of sending a message is PRODUCER or CLIENT/,
    },
    mend: /SpanKind.CLIENT/,
  },
  {
    what: 'a 4xx as an error of the server',
    spans: [
      { ...withAttributes(server, { 'http.response.status_code': 404, 'error.type': '404' }), ...failed },
      client,
      statement,
    ],
    finds: { 'client-error': /^1 span of kind SERVER/ },
  },
  {
    what: 'a database in another spelling',
    spans: [server, client, withAttributes(statement, { 'db.system.name': 'pgsql' })],
    finds: { 'wrong-value': /^db.system.name is pgsql on 1 span; the conventions have postgresql/ },
  },
  {
    what: 'values of other conventions in another spelling',
    spans: [
      withAttributes(server, {
        'http.request.method': 'get',
        'network.transport': 'ip_tcp',
        'network.type': 'inet',
      }),
      client,
      statement,
    ],
    finds: {
      'wrong-value': /^http.request.method is get on 1 span; the conventions have GET/,
      'wrong-value ': /^network.transport is ip_tcp on 1 span; the conventions have tcp/,
      'wrong-value  ': /^network.type is inet on 1 span; the conventions have ipv4/,
    },
  },
  {
    what: 'a 5xx that is no error',
    spans: [withAttributes(server, { 'http.response.status_code': 503 }), client, statement],
    finds: { 'server-error': /^1 span of kind SERVER with a response of 5xx and without status Error/ },
  },
  {
    what: 'a span whose own attribute moves it to another service',
    spans: [server, client, withAttributes(statement, { 'service.name': 'elsewhere' })],
    finds: {
      'moved-span': /^1 span of [^ ]+ count for elsewhere: /,
      'RES-004': /service.name describes the service/,
    },
    told: 'elsewhere',
  },
  {
    what: 'a child an hour before its parent',
    spans: [server, client, { ...statement, start: at(-3_600_001) }],
    finds: { 'early-child': /^1 span begin more than an hour before their parents/ },
  },
  {
    what: 'a call of a model, a tool and an agent, as the conventions have them',
    spans: [
      server,
      {
        ...below,
        spanId: id('chat'),
        name: 'chat m-1',
        kind: CLIENT,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'p',
          'gen_ai.request.model': 'm-1',
          'http.response.status_code': 200,
          'server.address': 'model.test',
          'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
        },
      },
      {
        ...below,
        spanId: id('tool'),
        name: 'execute_tool weather',
        kind: 1,
        attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather' },
      },
      {
        ...below,
        spanId: id('agent'),
        name: 'invoke_agent helper',
        kind: 1,
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.name': 'helper',
          'gen_ai.request.model': 'm-1',
        },
      },
    ],
    finds: {},
  },
  {
    what: 'a failure without its exception',
    spans: [broken, client, statement],
    finds: { 'unrecorded-exception': /^1 span of failed requests/ },
    mend: /recordException/,
  },
  { what: 'a failure with an event', spans: [{ ...broken, events: [cause] }, client, statement], finds: {} },
  {
    what: 'a failure with a log record',
    spans: [broken, client, statement],
    logs: [{ ...line, ...cause, traceId: id('trace', 16), spanId: id('server') }],
    finds: {},
  },
  {
    what: 'a service that nobody named',
    spans: RIGHT.map((span) => ({ ...span, service: 'unknown_service:node' })),
    finds: { 'unknown-service': /^3 spans from unknown_service/ },
    mend: /OTEL_SERVICE_NAME/,
  },
  {
    what: 'values that look like secrets',
    spans: [
      withAttributes(server, { 'app.header': 'Bearer abcdefghijklmnop0123' }),
      withAttributes(client, { 'url.full': 'http://bob:hunter2222@users:4568/' }),
      withAttributes(statement, { 'app.password': 'hunter2222' }),
    ],
    finds: {
      secret: /^app.header looks like a credential on 1 row/,
      'secret ': /^url.full looks like a password in a URL on 1 row/,
      'secret  ': /^app.password looks like a secret on 1 row/,
    },
  },
  {
    what: 'secrets in maps, names, messages and bodies',
    spans: [
      {
        ...withAttributes(server, { login: { map: { password: 'hunter2222', by: 'form' } } }),
        events: [{ name: 'tried password=hunter2222', attributes: {} }],
      },
      { ...client, name: 'GET token=ghp_hunter2222hunter2222hunter2222' },
      { ...statement, statusMessage: 'refused: postgres://bob:hunter2222@db/x' },
    ],
    logs: [{ ...line, body: '/login?password=hunter2222' }],
    finds: {
      secret: /^login.password looks like a secret on 1 row/,
      'secret ': /^an event’s name looks like a password on 1 row/,
      'secret  ': /^the span’s name looks like a token of GitHub, .* on 1 row/,
      'secret   ': /^the status message looks like a password in a URL on 1 row/,
      'secret    ': /^the body looks like a password on 1 row/,
    },
    mend: /REDACTED instead of the value where the body is set/,
  },
  {
    what: 'values that a limit cut',
    spans: [...'abc']
      .map((letter, n) =>
        withAttributes(
          { ...statement, spanId: id(letter), ...(n === 0 && { parentSpanId: '', kind: 1 }) },
          {
            'db.query.text': `SELECT ${letter}`.padEnd(128, letter),
            'app.note': 'x'.repeat(100 - n),
          },
        ),
      )
      .concat(withAttributes({ ...statement, parentSpanId: id('a') }, {}))
      .map((span) => (span.parentSpanId === '' ? span : { ...span, parentSpanId: id('a') })),
    finds: { 'cut-attributes': /^3 values of db.query.text with exactly 128 characters/ },
    mend: /OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT/,
  },
];

/** The row as that of another service, in a trace and a process of its own. */
function ofService<Row extends PlainSpan | PlainLogRecord>(row: Row, service: string, instance: string): Row {
  const own = (label: string | undefined, bytes: 8 | 16 = 8) =>
    label ? id(`${service} ${label}`, bytes) : label;
  const { resource } = row;
  return {
    ...row,
    service: row.service ?? service,
    traceId: own(row.traceId, 16),
    spanId: own(row.spanId),
    ...('parentSpanId' in row && { parentSpanId: own(row.parentSpanId) }),
    ...(resource?.['service.instance.id'] !== undefined && {
      resource: { ...resource, 'service.instance.id': instance },
    }),
  };
}

/** A resource that nobody named, with a span of which attributes were dropped. */
const WITHOUT_NAME = {
  resourceSpans: [
    {
      resource: {},
      scopeSpans: [
        {
          spans: [
            {
              traceId: id('t', 16),
              spanId: id('s'),
              name: 'x',
              kind: 2,
              droppedAttributesCount: 3,
              startTimeUnixNano: String(at(0)),
              endTimeUnixNano: String(at(9)),
            },
          ],
        },
      ],
    },
  ],
};

/** Services that are one, by their process or by their spelling, and one of its own. */
const TWO_NAMES: readonly PlainSpan[] = [
  ...RIGHT,
  { ...statement, spanId: id('x'), service: 'other' },
  {
    ...statement,
    spanId: id('y'),
    service: 'Test_Service',
    resource: { ...RESOURCE, 'service.instance.id': 'another' },
  },
  {
    ...statement,
    spanId: id('z'),
    service: 'worker',
    resource: { ...RESOURCE, 'service.instance.id': 'third' },
  },
];

/** A service whose names have values by chance, and one that writes values into its names. */
const NAMES_WITH_VALUES = namesWithValues();

function namesWithValues(): PlainSpan[] {
  const users = ['picard', 'riker', 'data', 'troi'];
  const userOf = (n: number) => users[n % users.length] ?? '';
  const many = (label: string, count: number, more: (n: number) => Partial<PlainSpan>) =>
    Array.from({ length: count }, (_, n) => ({
      ...below,
      kind: 1,
      traceId: id(`${label} ${n}`, 16),
      spanId: id(`${label} ${n}`),
      attributes: { 'user.id': userOf(n) },
      ...more(n),
    }));
  const ofPath = (path: string) => ({
    ...withAttributes(server, { 'http.route': undefined, 'url.path': path }),
    name: `GET ${path}`,
  });
  const letters = (n: number) => String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26));
  const ofTest = { 'test.case.name': 'of 404', 'test.suite.name': 'users', 'user.id': 'data' };
  const right = [
    ...RIGHT,
    ...many('data', 40, () => ({ name: 'home-activities-data' })),
    ...many('graphql', 30, () => ofPath('/graphql')),
    ...many('number', 30, () => ({ name: 'load 1000 rows' })),
    ...many('test', 300, (n) => ({
      ...(n < 30 && { traceId: server.traceId ?? '', durationMs: 1 }),
      name: `users.test.js › user data is 404 in ${letters(n)}`,
      attributes: ofTest,
    })),
  ];
  const wrong = [
    ...RIGHT,
    ...many('user', 40, (n) => ({ name: `load ${userOf(n)}` })),
    ...many('path', 60, (n) => ofPath(`/${letters(n)}`)),
    ...many('job', 40, (n) => ({ name: `job ${1000 + n}` })),
  ];
  return Object.entries({ right, wrong }).flatMap(([name, spans]) => {
    const instance = crypto.randomUUID();
    return spans.map((span) => ofService(span, `names-${name}`, instance));
  });
}

t.test('each fault is told of the service that has it', async (t) => {
  const cases = CASES.map(({ spans = RIGHT, logs = [], told, ...said }, nth) => {
    const own = <Row extends PlainSpan | PlainLogRecord>(row: Row) => ofService(row, service, instance);
    const [service, instance] = [`case-${nth}`, crypto.randomUUID()];
    const sent = { spans: spans.map(own), logs: logs.map(own) };
    return { ...said, ...sent, service: told ?? [...sent.spans, ...sent.logs][0]?.service };
  });
  await storeAlone(
    [...cases.flatMap(({ spans }) => spans), ...TWO_NAMES, ...NAMES_WITH_VALUES],
    cases.flatMap(({ logs }) => logs),
  );
  await store.write(decodeTraces(Buffer.from(JSON.stringify(WITHOUT_NAME)), 'json'));
  const [{ services }, longer] = [await askReport(), await askReport('?time_range=2592000')];
  const violationsOf = (wanted: string | undefined, of = services) =>
    of.find(({ service }) => service === wanted)?.violations ?? [];
  for (const { what, service, finds, mend } of cases)
    t.test(
      `${what}: ${
        Object.keys(finds)
          .join(', ')
          .replace(/ \d*,|,/g, ',')
          .trim() || 'nothing'
      }`,
      async (t) => {
        const violations = violationsOf(service, (what.includes('15 days') ? longer : {}).services);
        const expected = Object.entries(finds).map(([rule, sentence]) => ({
          rule: rule.split(' ')[0] ?? '',
          sentence,
        }));
        const rest = [...violations];
        for (const { rule, sentence } of expected) {
          const found = rest.findIndex((each) => each.rule === rule && sentence.test(each.sentence));
          t.not(found, -1, `${rule} ${sentence}`);
          if (found >= 0) rest.splice(found, 1);
        }
        t.strictSame(rest, [], 'nothing else is said');
        if (mend !== undefined)
          t.ok(
            violations.some((each) => mend.test(each.mend)),
            String(mend),
          );
        for (const each of violations) {
          t.ok(each.count > 0 && each.mend.length > 0);
          t.match(each.place, /^\/(?:trace\/[0-9a-f]{32}\?span=[0-9a-f]{16}|logs\?)/);
          t.notMatch(each.sentence + each.mend, /hunter2222|abcdefghijklmnop0123/);
        }
      },
    );

  t.test('a resource without service.name loses the most, and nobody named the service', (t) => {
    const report = services.filter(({ service }) => service === 'unknown_service');
    t.match(report, [{ score: 81.25, category: 'Good' }]);
    const rules = violationsOf('unknown_service').map(({ rule }) => rule);
    t.strictSame(rules, ['RES-001', 'RES-005', 'unknown-service', 'cut-attributes']);
    t.end();
  });

  t.test('one service under two names: in one process, and spelt in two ways', (t) => {
    const named = services.flatMap(({ service, violations }) =>
      violations.filter(({ rule }) => rule === 'two-names').map(({ sentence }) => `${service}: ${sentence}`),
    );
    t.match(named.toSorted(), [
      /^Test_Service: .*also test-service/,
      /^other: .*also test-service/,
      /^test-service: /,
    ]);
    t.equal(named.length, 3);
    t.end();
  });

  t.test('a name is wrong where it differs with the value in it, and a name of a test never is', (t) => {
    const told = (service: string) =>
      violationsOf(service)
        .map(({ rule, count }) => `${rule} ${count}`)
        .filter((each) => /name|SPA-00[15]/.test(each));
    t.ok(services.some(({ service }) => service === 'names-right'));
    t.same(told('names-right'), []);
    t.same(told('names-wrong'), ['value-in-name 40', 'value-in-name 60', 'name-per-user 40']);
    t.end();
  });
});

t.test(
  'a rule that fails on what was sent is not measured, and costs no other rule its answer',
  async (t) => {
    await storeAlone([{ ...server, name: 'GET /users/4711' }]);
    const scope = { start: at(-1000), end: at(1000) };
    const fails = async () => {
      throw new TypeError('table?.find is not a function');
    };
    const report = await verify(store, scope, {}, { ...VERIFY_RULES, 'SDK-001': { title: '', find: fails } });
    t.match(
      report.not_measured.find(({ rule }) => rule === 'SDK-001'),
      { reason: 'the rule failed on sent data (table?.find is not a function)' },
    );
    const [service] = report.services;
    t.equal(service?.score, 100);
    t.notOk(service?.holding.includes('SDK-001'));
    t.match(service?.violations, [{ rule: 'value-in-name' }]);
    const isGone = async () => {
      throw new Error('The store is closed');
    };
    await t.rejects(
      verify(store, scope, {}, { ...VERIFY_RULES, 'SDK-001': { title: '', find: isGone } }),
      /closed/,
    );
  },
);

t.test('a service is asked for alone, and a range without rows has no services', async (t) => {
  await storeAlone([...RIGHT, { ...server, service: 'other', spanId: id('o') }]);
  const names = async (query: string) =>
    (await get(`/api/verify?${query}`)).body.services.map(({ service }: { service: string }) => service);
  t.strictSame(await names('service=other'), ['other']);
  t.strictSame(await names('dataset=test-service'), ['test-service']);
  t.strictSame(await names('start_time=1&end_time=2'), []);
});

t.test('a report of many services takes as many statements as a report of two', async (t) => {
  const statementsOf = async (services: number) => {
    const store = await temporaryStore(t);
    const spans = Array.from({ length: services }, (_, each) => ({
      ...server,
      service: `service-${each}`,
      scope: { name: 'http' },
    }));
    await storeSpans(store, spans);
    const { read } = store;
    let statements = 0;
    store.read = (...asked) => {
      statements++;
      return read.apply(store, asked);
    };
    const report = await verify(store, { start: 0n, end: 2n ** 62n });
    t.equal(report.services.length, services);
    return statements;
  };
  t.equal(await statementsOf(40), await statementsOf(2));
});
