import type { Span } from '@tandem/otlp';
import { attributesOf } from '@tandem/otlp';
import t from 'tap';
import { xraySegment } from '../../../../src/traces/forms/xray/segment.ts';
import { otlpSpan, resource, scope } from '../../make-otlp.ts';

const segment = (span: Partial<Span> = {}, of = resource()) => xraySegment(otlpSpan(span), of, scope);

t.test('a server span is a segment named after its service', async (t) => {
  const document = segment(
    {
      parentSpanId: '53995c3f42cd8ad8',
      attributes: attributesOf({
        'http.request.method': 'GET',
        'url.scheme': 'http',
        'url.path': '/api/activities/home',
        'url.query': 'limit=2',
        'server.address': 'localhost',
        'server.port': 4567,
        'http.response.status_code': 200,
        'user_agent.original': 'curl/8',
        'client.address': '10.0.0.9',
        'network.peer.address': '127.0.0.1',
        'user.id': 'andrew',
        'app.now': '2026-11-20T10:00:00Z',
      }),
    },
    resource({ 'service.name': 'activities-api', 'service.version': '2.1.0', 'cloud.platform': 'aws_ecs' }),
  );
  t.match(document, {
    name: 'activities-api',
    id: 'defdfd9912dc5a56',
    trace_id: '1-5759e988-bd862e3fe1be46a994272793',
    parent_id: '53995c3f42cd8ad8',
    start_time: 1_790_000_000,
    end_time: 1_790_000_000.25,
    http: {
      request: {
        method: 'GET',
        url: 'http://localhost:4567/api/activities/home?limit=2',
        user_agent: 'curl/8',
        client_ip: '10.0.0.9',
        x_forwarded_for: true,
      },
      response: { status: 200 },
    },
    user: 'andrew',
    origin: 'AWS::ECS::Container',
    service: { version: '2.1.0' },
    annotations: { app_now: '2026-11-20T10:00:00Z', server_address: 'localhost' },
    metadata: { 'otel.resource': { 'service.name': 'activities-api' }, 'otel.scope': { name: 'tandem' } },
  });
  for (const key of [
    'type',
    'namespace',
    'in_progress',
    'error',
    'fault',
    'throttle',
    'cause',
    'sql',
    'aws',
  ]) {
    t.notOk(key in document, `no ${key}`);
  }
});

t.test('any other span with a parent is a subsegment named after what it called', async (t) => {
  const http = segment({
    kind: 3,
    parentSpanId: '53995c3f42cd8ad8',
    attributes: attributesOf({
      'http.request.method': 'GET',
      'url.full': 'http://users:4568/api',
      'server.address': 'users',
    }),
  });
  t.match(http, {
    type: 'subsegment',
    name: 'users',
    namespace: 'remote',
    http: { request: { url: 'http://users:4568/api' } },
  });
  t.notOk('service' in http);
  const internal = segment({ kind: 1, parentSpanId: '53995c3f42cd8ad8', name: 'home<data>\u0000' });
  t.match(internal, { type: 'subsegment', name: 'homedata' });
  t.notOk('namespace' in internal);
  t.notOk('type' in segment({ kind: 1, parentSpanId: '' }), 'a root is a segment whatever its kind');
});

t.test('a database call has a sql block, unless the database has no SQL', async (t) => {
  const call = (system: string) =>
    segment({
      kind: 3,
      parentSpanId: '53995c3f42cd8ad8',
      attributes: attributesOf({
        'db.system.name': system,
        'db.namespace': 'activities',
        'db.query.text': 'SELECT * FROM activities WHERE id = ?',
        'server.address': 'db',
        'server.port': 5432,
      }),
    });
  t.match(call('postgresql'), {
    name: 'activities@db',
    namespace: 'remote',
    sql: {
      database_type: 'postgresql',
      url: 'db:5432/activities',
      sanitized_query: 'SELECT * FROM activities WHERE id = ?',
    },
  });
  t.notOk('sql' in call('redis'));
});

t.test('a call to an AWS service has the aws namespace and block', async (t) => {
  const document = segment({
    kind: 3,
    parentSpanId: '53995c3f42cd8ad8',
    attributes: attributesOf({
      'rpc.system': 'aws-api',
      'rpc.method': 'GetItem',
      'aws.request_id': 'r1',
      'aws.dynamodb.table_names': ['users'],
    }),
  });
  t.match(document, {
    namespace: 'aws',
    aws: { operation: 'GetItem', request_id: 'r1', table_names: ['users'] },
  });
});

t.test('an unfinished span is in progress instead of having an end', async (t) => {
  for (const span of [
    { endTimeUnixNano: 0n },
    { attributes: attributesOf({ 'aws.xray.inprogress': true }) },
  ]) {
    const document = segment(span);
    t.equal(document.in_progress, true);
    t.notOk('end_time' in document);
  }
});

t.test('what fits no annotation goes to the metadata', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`key.${index}`, index]));
  const { annotations, metadata } = segment({
    attributes: [
      ...attributesOf({ list: ['a'], 'a.b': 1, a_b: 2, long: 'x'.repeat(2000), ключ: 'v' }),
      ...attributesOf(many),
    ],
  }) as { annotations: Record<string, unknown>; metadata: { default: Record<string, unknown> } };
  t.equal(Object.keys(annotations).length, 50);
  t.notOk(Object.keys(annotations).some((key) => /[^A-Za-z0-9_]/.test(key)));
  t.equal(annotations.a_b, 1, 'the first of two keys that become one');
  t.match(metadata.default, { list: ['a'], a_b: 2, long: 'x'.repeat(2000), 'key.59': 59 });
});

t.test('a document stays under the size that X-Ray takes', async (t) => {
  const document = segment({ attributes: attributesOf({ big: 'x'.repeat(1_000_000) }) });
  t.ok(JSON.stringify(document).length < 65_536);
  t.match(document.metadata, { default: { 'tandem.metadata_left_out': String } });
});

t.test('a key named __proto__ is data', async (t) => {
  const hostile = attributesOf({ ok: 1 }).map((attribute) => ({ ...attribute, key: '__proto__' }));
  const document = segment({ attributes: hostile });
  t.match(JSON.stringify(document.annotations), '"__proto__":1');
  t.equal(Object.getPrototypeOf({}).polluted, undefined);
});
