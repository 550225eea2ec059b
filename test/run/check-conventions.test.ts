import type { Attributes, SpanStatus } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { withSpan } from '@tandem/telemetry';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { assertConventions } from '../helpers/conventions/assert-conventions.ts';
import { SEMCONV_VERSION } from '../helpers/conventions/attributes.ts';
import { checkConventions } from '../helpers/conventions/check-conventions.ts';

interface Spec {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly status?: SpanStatus;
  readonly exception?: Attributes;
}

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());

/** A finished span. */
function finished(spec: Spec): ReadableSpan {
  telemetry.reset();
  const span = trace.getTracer('test').startSpan(spec.name, spec, ROOT_CONTEXT);
  if (spec.status) span.setStatus(spec.status);
  if (spec.exception) span.addEvent('exception', spec.exception);
  span.end();
  return telemetry.spans()[0] as ReadableSpan;
}

const ERROR = { code: SpanStatusCode.ERROR };

const SERVER: Spec = {
  name: 'GET /api/users/:handle',
  kind: SpanKind.SERVER,
  attributes: {
    'http.request.method': 'GET',
    'http.route': '/api/users/:handle',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'url.path': '/api/users/ada',
    'url.query': 'q=1&sig=REDACTED',
    'server.address': 'localhost',
    'server.port': 4568,
    'client.address': '127.0.0.1',
    'network.peer.address': '127.0.0.1',
    'network.peer.port': 51_234,
    'network.protocol.version': '1.1',
    'user_agent.original': 'curl/8',
    'http.request.header.content-type': ['application/json'],
    'tandem.fault': 'none',
  },
};

const CLIENT: Spec = {
  name: 'GET',
  kind: SpanKind.CLIENT,
  attributes: {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'server.address': 'localhost',
    'server.port': 4568,
    'url.full': 'http://REDACTED:REDACTED@localhost:4568/api/users?handle=ada&X-Amz-Signature=REDACTED',
  },
};

const DATABASE: Spec = {
  name: 'SELECT users',
  kind: SpanKind.CLIENT,
  attributes: {
    'db.system.name': 'sqlite',
    'db.namespace': 'users.db',
    'db.collection.name': 'users',
    'db.operation.name': 'SELECT',
    'db.query.summary': 'SELECT users',
    'db.query.text': 'select * from users where handle = ?',
    'db.response.returned_rows': 1,
    'db.query.parameter.0': 'ada',
  },
};

/** The spec with some attributes changed (undefined removes one) and other parts replaced. */
function change(spec: Spec, attributes: Attributes, rest: Partial<Spec> = {}): Spec {
  return { ...spec, ...rest, attributes: { ...spec.attributes, ...attributes } };
}

t.test('spans by the book have no fault', async (t) => {
  const failed = { 'http.response.status_code': 500, 'error.type': '500' };
  for (const [title, spec] of Object.entries({
    server: SERVER,
    client: CLIENT,
    database: DATABASE,
    'server without a route': change(SERVER, { 'http.route': undefined }, { name: 'GET' }),
    'server, unknown method': change(
      SERVER,
      { 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW' },
      { name: 'HTTP /api/users/:handle' },
    ),
    'server, 404': change(SERVER, { 'http.response.status_code': 404 }),
    'server, 500': change(SERVER, failed, { status: ERROR }),
    'server, exception': change(
      SERVER,
      { ...failed, 'error.type': 'TypeError' },
      { status: { ...ERROR, message: 'x is not a function' }, exception: { 'exception.type': 'TypeError' } },
    ),
    'server, cut off': change(SERVER, { 'error.type': 'timeout' }, { status: ERROR }),
    'server, left in the body': change(SERVER, { 'error.type': 'client_disconnected' }),
    'server, left before an answer': change(SERVER, {
      'http.response.status_code': undefined,
      'error.type': 'client_disconnected',
    }),
    'client, 404': change(
      CLIENT,
      { 'http.response.status_code': 404, 'error.type': '404' },
      { status: ERROR },
    ),
    'client, refused': change(
      CLIENT,
      { 'http.response.status_code': undefined, 'error.type': 'ECONNREFUSED' },
      { status: { ...ERROR, message: 'connect ECONNREFUSED' } },
    ),
    'client, template': change(CLIENT, { 'url.template': '/api/users' }, { name: 'GET /api/users' }),
    'database in this process': { ...DATABASE, kind: SpanKind.INTERNAL },
    'database, failed': change(DATABASE, { 'error.type': 'ERR_SQLITE_ERROR' }, { status: ERROR }),
    internal: { name: 'home-activities-data', kind: SpanKind.INTERNAL, attributes: { 'app.now': 'now' } },
  })) {
    t.same(checkConventions(finished(spec)), [], title);
  }
});

const STATUS = 'http.response.status_code';
const METHOD = 'http.request.method';
const ROUTE = '/api/users/:handle';
const requires = (name: string, type: string) => `${name} is missing: span.${type} requires it`;

/** A span by the book, what is changed, and the line about the change. */
const FAULTS: readonly (readonly [Spec, Attributes, line: string | RegExp, rest?: Partial<Spec>])[] = [
  [SERVER, { [METHOD]: undefined }, requires(METHOD, 'http.server')],
  [SERVER, { 'url.path': undefined }, requires('url.path', 'http.server')],
  [SERVER, { 'url.scheme': undefined }, requires('url.scheme', 'http.server')],
  [SERVER, { 'server.port': undefined }, /^server\.port is missing: .* when it is available and server/],
  [SERVER, { [STATUS]: undefined }, /^http\.response\.status_code is missing/],
  [CLIENT, { 'url.full': undefined }, requires('url.full', 'http.client')],
  [CLIENT, { 'server.address': undefined }, requires('server.address', 'http.client')],
  [CLIENT, { 'server.port': undefined }, requires('server.port', 'http.client')],
  [DATABASE, { 'db.system.name': undefined }, requires('db.system.name', 'db.client')],
  [SERVER, { [METHOD]: '_OTHER' }, /^http\.request\.method_original is missing/, { name: `HTTP ${ROUTE}` }],
  [SERVER, { [METHOD]: 'get' }, /^http\.request\.method must be one of CONNECT/, { name: `get ${ROUTE}` }],
  [SERVER, {}, `name must be "GET ${ROUTE}", not "GET /api/users/ada"`, { name: 'GET /api/users/ada' }],
  [CLIENT, {}, 'name must be "GET", not "GET /api/users"', { name: 'GET /api/users' }],
  [DATABASE, {}, 'name must be "SELECT users", not "query"', { name: 'query' }],
  [SERVER, {}, 'kind must be SERVER for span.http.server, not INTERNAL', { kind: SpanKind.INTERNAL }],
  [DATABASE, {}, 'kind must be CLIENT or INTERNAL for span.db.client, not SERVER', { kind: SpanKind.SERVER }],
  [SERVER, { [STATUS]: 500 }, 'status must be ERROR for a response of 500'],
  [CLIENT, { [STATUS]: 404 }, 'status must be ERROR for a response of 404'],
  [
    SERVER,
    { [STATUS]: 404, 'error.type': '404' },
    'status must be unset for a response of 404 without another error',
    { status: ERROR },
  ],
  [
    SERVER,
    { [STATUS]: 500, 'error.type': '500' },
    'status must have no description where the response status says it all',
    { status: { ...ERROR, message: 'Internal Server Error' } },
  ],
  [
    SERVER,
    { [STATUS]: 503 },
    /^error\.type is missing: .* when the operation has ended with an error/,
    { status: ERROR },
  ],
  [DATABASE, {}, /^error\.type is missing/, { status: ERROR }],
  [
    { name: 'work', kind: SpanKind.INTERNAL, attributes: {} },
    {},
    /^error\.type is missing/,
    { status: ERROR },
  ],
  [SERVER, { 'error.type': 'timeout' }, 'status must be ERROR where error.type is set'],
  [SERVER, {}, /^status must be unset or ERROR/, { status: { code: SpanStatusCode.OK } }],
  [SERVER, { [STATUS]: '200' }, /^http\.response\.status_code must be int, not "200"/],
  [SERVER, { 'server.port': 4568.5 }, 'server.port must be int, not 4568.5'],
  [SERVER, { 'server.port': 0 }, 'server.port must be a port, not "0"'],
  [SERVER, { [STATUS]: 42 }, 'http.response.status_code must be an HTTP status, not "42"'],
  [
    SERVER,
    { 'http.request.header.accept': 'text/html' },
    /^http\.request\.header\.accept must be string\[\]/,
  ],
  [SERVER, { 'url.query': '' }, 'url.query is empty'],
  [SERVER, { 'url.query': '?a=1' }, 'url.query must not start with ?'],
  [SERVER, { 'url.query': 'sig=abc' }, 'url.query must have REDACTED for credentials and signatures'],
  [SERVER, { 'url.path': '/a?b=1' }, /^url\.path must be a path without a query/],
  [SERVER, { 'url.scheme': 'HTTP:' }, /^url\.scheme must be a scheme in lower case/],
  [CLIENT, { 'url.full': '/api/users' }, 'url.full must be an absolute URL, not "/api/users"'],
  [CLIENT, { 'url.full': 'http://a:b@c/' }, 'url.full must have REDACTED for credentials and signatures'],
  [
    CLIENT,
    { 'url.full': 'http://a/?X-Goog-Signature=b' },
    'url.full must have REDACTED for credentials and signatures',
  ],
  [CLIENT, { 'error.type': 'it broke at line 7' }, /^error\.type must be a class of/, { status: ERROR }],
  [SERVER, { 'http.method': 'GET' }, /^http\.method is not an attribute of the conventions \d/],
  [DATABASE, { 'db.statement': 'select 1' }, /^db\.statement is not an attribute/],
  [SERVER, { 'http.request.colour': 'red' }, /^http\.request\.colour is not an attribute/],
  [SERVER, {}, 'exception event: exception.type or exception.message is missing', { exception: {} }],
  [
    SERVER,
    {},
    'exception event: exception.type must be string, not 7',
    { exception: { 'exception.type': 7 } },
  ],
  [
    SERVER,
    {},
    /^exception event: exception\.escaped is not an attribute/,
    { exception: { 'exception.message': 'x', 'exception.escaped': true } },
  ],
];

t.test('each fault has one line', async (t) => {
  for (const [spec, attributes, line, rest] of FAULTS) {
    const violations = checkConventions(finished(change(spec, attributes, rest)));
    const found = violations.some((each) => (typeof line === 'string' ? each === line : line.test(each)));
    t.ok(found, `${line}`, { violations });
  }
});

t.test('several faults of one span are all listed', async (t) => {
  const spec = change(
    SERVER,
    { 'url.path': undefined, 'url.scheme': undefined, 'http.host': 'x' },
    { name: 'request' },
  );
  t.equal(checkConventions(finished(spec)).length, 4);
});

t.test('the version of the conventions is known', async (t) => {
  t.match(SEMCONV_VERSION, /^\d+\.\d+\.\d+$/);
});

t.test('assertConventions', async (t) => {
  telemetry.reset();

  t.test(
    'spans that keep to the conventions pass, and other spans are named with their faults',
    async (t) => {
      withSpan('work', { 'app.answer': 42 }, () => {});
      t.doesNotThrow(() => assertConventions(telemetry.spans()));

      const request = { 'http.request.method': 'GET', 'http.method': 'GET' };
      trace.getTracer('test').startSpan('GET', { kind: SpanKind.CLIENT, attributes: request }).end();
      t.throws(() => assertConventions(telemetry.spans()), {
        name: 'AssertionError',
        message: /CLIENT GET: url\.full is missing: .*\n.*CLIENT GET: http\.method is not an attribute/s,
      });
    },
  );
});
