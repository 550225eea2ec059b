import type { Span } from '@tandem/otlp';
import { attributesOf } from '@tandem/otlp';
import { plainAttributes } from '@tandem/otlp/testing';
import t from 'tap';
import { xraySegment } from '../../../../../src/parts/xray/server/xray/segment.ts';
import { otlpSpan, resource } from '../../../../core/traces/make-otlp.ts';

const segment = (span: Partial<Span> = {}, of = resource()) => xraySegment(otlpSpan(span), of);

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
    service: { version: '2.1.0' },
    annotations: {
      'app.now': '2026-11-20T10:00:00Z',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/api/activities/home',
      'user.id': 'andrew',
    },
    metadata: {
      default: { 'server.address': 'localhost', 'otel.resource.service.name': 'activities-api' },
    },
  });
  for (const key of ['type', 'namespace', 'in_progress', 'error', 'fault', 'throttle', 'cause', 'sql']) {
    t.notOk(key in document, `no ${key}`);
  }
});

t.test('any other span with a parent is a subsegment with the name of the called service', async (t) => {
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

t.test('a call to an AWS service is named after it, with the aws namespace and block', async (t) => {
  const call = (attributes: Record<string, string | string[]>) =>
    segment({
      kind: 3,
      parentSpanId: '53995c3f42cd8ad8',
      attributes: attributesOf({ 'rpc.system': 'aws-api', 'aws.request_id': 'r1', ...attributes }),
    });
  const one = call({
    'rpc.service': 'DynamoDB',
    'rpc.method': 'GetItem',
    'server.address': 'dynamodb.eu-west-1.amazonaws.com',
    'aws.dynamodb.table_names': ['users'],
  });
  t.match(one, {
    name: 'DynamoDB',
    namespace: 'aws',
    aws: { operation: 'GetItem', request_id: 'r1', table_name: 'users' },
  });
  t.notOk('table_names' in (one.aws as object));
  t.match(call({ 'rpc.method': 'S3/GetObject' }), { name: 'S3', aws: { operation: 'GetObject' } });
  t.match(call({ 'aws.dynamodb.table_names': ['a', 'b'] }), { aws: { table_names: ['a', 'b'] } });
});

// So in the Collector's exporter, 0.161 (older ones made a subsegment of a consumer with a parent). It names
// that segment by the span, `process orders`, so that a service is one node for each kind of message; named by its service,
// as AWS documents it for segments, it is one with its SERVER spans.
t.test('a consumer is a segment, a producer a call of something remote', async (t) => {
  const parentSpanId = '53995c3f42cd8ad8';
  const consumer = segment(
    {
      kind: 5,
      parentSpanId,
      name: 'process orders',
      attributes: attributesOf({ 'server.address': 'broker' }),
    },
    resource({ 'service.name': 'worker', 'service.version': '2.1.0' }),
  );
  t.match(consumer, {
    name: 'worker',
    parent_id: parentSpanId,
    service: { version: '2.1.0' },
    metadata: { default: { 'otel.resource.service.name': 'worker' } },
  });
  t.notOk('type' in consumer || 'namespace' in consumer);
  const attributes = attributesOf({ 'server.address': 'broker', 'messaging.destination.name': 'orders' });
  t.match(segment({ kind: 4, parentSpanId, attributes }), {
    type: 'subsegment',
    name: 'broker',
    namespace: 'remote',
    annotations: { 'messaging.destination.name': 'orders' },
  });
  for (const key of ['service.peer.name', 'peer.service']) {
    const named = attributesOf({ [key]: 'billing', 'server.address': '10.0.0.1' });
    t.match(segment({ kind: 3, parentSpanId, attributes: named }), { name: 'billing' }, key);
  }
});

t.test('a segment has its place in AWS as metadata, as every attribute of its resource', async (t) => {
  const fargate = segment({}, resource({ 'cloud.platform': 'aws_ecs', 'aws.ecs.task.arn': 'arn:task' }));
  t.notOk('aws' in fargate || 'origin' in fargate);
  t.match(fargate.metadata, { default: { 'otel.resource.aws.ecs.task.arn': 'arn:task' } });
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

t.test('annotations are the attributes that a span names, then the indexed attributes', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key.${index}`, index]));
  const of = (attributes: Record<string, unknown>) =>
    segment({ attributes: attributesOf(attributes as never) }) as {
      annotations?: Record<string, unknown>;
      metadata: { default: Record<string, unknown> };
    };
  const plain = of({ ...many, 'http.route': '/x', 'app.now': 'x'.repeat(2000) });
  t.same(plain.annotations, { 'http.route': '/x' }, 'with the dots of its name');
  t.match(plain.metadata.default, { 'key.0': 0, 'key.299': 299, 'app.now': 'x'.repeat(2000) });
  const named = of({
    ...many,
    'a b': 1,
    a_b: 2,
    list: ['a'],
    'aws.xray.annotations': ['a b', 'a_b', 'list', 'nothing', ...Object.keys(many)],
  });
  t.equal(Object.keys(named.annotations ?? {}).length, 50);
  t.match(named.annotations, { a_b: 1, 'key.0': 0, 'key.48': 48 }, 'the first of two keys that become one');
  t.match(named.metadata.default, { a_b: 2, list: ['a'], 'key.49': 49 });
  t.notOk('aws.xray.annotations' in named.metadata.default);
});

t.test(
  'attributes of the resource are annotations where they are named, else metadata; of segments only',
  async (t) => {
    // As the exporter's own test has it.
    const of = {
      ...resource(),
      attributes: plainAttributes({
        'string.key': 'string',
        'int.key': 10,
        'double.key': { float: 5 },
        'bool.key': true,
        'map.key': { map: { key1: 1, key2: 'value' } },
        'array.key': ['foo', 'bar'],
      }),
    };
    const names = of.attributes.map(({ key }) => `otel.resource.${key}`);
    const attributes = attributesOf({ 'aws.xray.annotations': names });
    const document = segment({ attributes }, of);
    t.strictSame(document.annotations, {
      'otel.resource.string.key': 'string',
      'otel.resource.int.key': 10,
      'otel.resource.double.key': 5,
      'otel.resource.bool.key': true,
    });
    t.strictSame(document.metadata, {
      default: {
        'otel.resource.map.key': { key1: 1, key2: 'value' },
        'otel.resource.array.key': ['foo', 'bar'],
      },
    });
    const subsegment = segment({ kind: 3, parentSpanId: '53995c3f42cd8ad8', attributes }, of);
    t.notOk('annotations' in subsegment);
    t.strictSame(subsegment.metadata, { default: {} });
  },
);

t.test('a document stays under the size that X-Ray takes', async (t) => {
  const document = segment({ attributes: attributesOf({ big: 'x'.repeat(1_000_000) }) });
  t.ok(JSON.stringify(document).length < 65_536);
  t.match(document.metadata, { default: { 'tandem.metadata_left_out': String } });
});

t.test('a key named __proto__ is data', async (t) => {
  const hostile = attributesOf({ ok: 1 }).map((attribute) => ({ ...attribute, key: '__proto__' }));
  const document = segment({ attributes: hostile });
  t.match(JSON.stringify(document.metadata), '"__proto__":1');
  t.equal(Object.getPrototypeOf({}).polluted, undefined);
});
