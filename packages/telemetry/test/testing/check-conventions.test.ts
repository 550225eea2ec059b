import type { Attributes, SpanStatus } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { SEMCONV_VERSION } from '../../src/testing/attributes.ts';
import { checkConventions } from '../../src/testing/check-conventions.ts';

interface Spec {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly status?: SpanStatus;
  readonly exception?: Attributes;
}

/** A real span of the SDK, finished. */
function finished(spec: Spec): ReadableSpan {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer('test').startSpan(spec.name, spec, ROOT_CONTEXT);
  if (spec.status) span.setStatus(spec.status);
  if (spec.exception) span.addEvent('exception', spec.exception);
  span.end();
  const [read] = exporter.getFinishedSpans();
  if (read === undefined) throw new Error('The span did not finish.');
  return read;
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
    'server, cut off': change(SERVER, { 'error.type': 'client_disconnected' }, { status: ERROR }),
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

t.test('each fault has one line', async (t) => {
  const cases: [Spec, string | RegExp][] = [
    [
      change(SERVER, { 'http.request.method': undefined }),
      'http.request.method is missing: span.http.server requires it',
    ],
    [change(SERVER, { 'url.path': undefined }), 'url.path is missing: span.http.server requires it'],
    [change(SERVER, { 'url.scheme': undefined }), 'url.scheme is missing: span.http.server requires it'],
    [
      change(SERVER, { 'server.port': undefined }),
      /^server\.port is missing: .* when it is available and server/,
    ],
    [change(SERVER, { 'http.response.status_code': undefined }), /^http\.response\.status_code is missing/],
    [change(CLIENT, { 'url.full': undefined }), 'url.full is missing: span.http.client requires it'],
    [
      change(CLIENT, { 'server.address': undefined }),
      'server.address is missing: span.http.client requires it',
    ],
    [change(CLIENT, { 'server.port': undefined }), 'server.port is missing: span.http.client requires it'],
    [
      change(DATABASE, { 'db.system.name': undefined }),
      'db.system.name is missing: span.db.client requires it',
    ],
    [
      change(SERVER, { 'http.request.method': '_OTHER' }, { name: 'HTTP /api/users/:handle' }),
      /^http\.request\.method_original is missing/,
    ],
    [
      change(SERVER, { 'http.request.method': 'get' }, { name: 'get /api/users/:handle' }),
      /^http\.request\.method must be one of CONNECT/,
    ],
    [
      change(SERVER, {}, { name: 'GET /api/users/ada' }),
      'name must be "GET /api/users/:handle", not "GET /api/users/ada"',
    ],
    [change(CLIENT, {}, { name: 'GET /api/users' }), 'name must be "GET", not "GET /api/users"'],
    [change(DATABASE, {}, { name: 'query' }), 'name must be "SELECT users", not "query"'],
    [
      change(SERVER, {}, { kind: SpanKind.INTERNAL }),
      'kind must be SERVER for span.http.server, not INTERNAL',
    ],
    [
      change(DATABASE, {}, { kind: SpanKind.SERVER }),
      'kind must be CLIENT or INTERNAL for span.db.client, not SERVER',
    ],
    [change(SERVER, { 'http.response.status_code': 500 }), 'status must be ERROR for a response of 500'],
    [change(CLIENT, { 'http.response.status_code': 404 }), 'status must be ERROR for a response of 404'],
    [
      change(SERVER, { 'http.response.status_code': 404, 'error.type': '404' }, { status: ERROR }),
      'status must be unset for a response of 404 without another error',
    ],
    [
      change(
        SERVER,
        { 'http.response.status_code': 500, 'error.type': '500' },
        { status: { ...ERROR, message: 'Internal Server Error' } },
      ),
      'status must have no description where the response status says it all',
    ],
    [
      change(SERVER, { 'http.response.status_code': 503 }, { status: ERROR }),
      /^error\.type is missing: .* when the operation has ended with an error/,
    ],
    [change(DATABASE, {}, { status: ERROR }), /^error\.type is missing/],
    [{ name: 'work', kind: SpanKind.INTERNAL, attributes: {}, status: ERROR }, /^error\.type is missing/],
    [change(SERVER, { 'error.type': 'timeout' }), 'status must be ERROR where error.type is set'],
    [change(SERVER, {}, { status: { code: SpanStatusCode.OK } }), /^status must be unset or ERROR/],
    [
      change(SERVER, { 'http.response.status_code': '200' }),
      /^http\.response\.status_code must be int, not "200"/,
    ],
    [change(SERVER, { 'server.port': 4568.5 }), 'server.port must be int, not 4568.5'],
    [change(SERVER, { 'server.port': 0 }), 'server.port must be a port, not "0"'],
    [
      change(SERVER, { 'http.response.status_code': 42 }),
      'http.response.status_code must be an HTTP status, not "42"',
    ],
    [
      change(SERVER, { 'http.request.header.accept': 'text/html' }),
      /^http\.request\.header\.accept must be string\[\]/,
    ],
    [change(SERVER, { 'url.query': '' }), 'url.query is empty'],
    [change(SERVER, { 'url.query': '?a=1' }), 'url.query must not start with ?'],
    [change(SERVER, { 'url.query': 'sig=abc' }), 'url.query must have REDACTED for sig'],
    [change(SERVER, { 'url.path': '/a?b=1' }), /^url\.path must be a path without a query/],
    [change(SERVER, { 'url.scheme': 'HTTP:' }), /^url\.scheme must be a scheme in lower case/],
    [change(CLIENT, { 'url.full': '/api/users' }), 'url.full must be an absolute URL, not "/api/users"'],
    [
      change(CLIENT, { 'url.full': 'http://ada:secret@localhost/' }),
      'url.full must not have credentials: they read REDACTED',
    ],
    [
      change(CLIENT, { 'url.full': 'http://localhost/?X-Goog-Signature=abc' }),
      'url.full must have REDACTED for X-Goog-Signature',
    ],
    [
      change(CLIENT, { 'error.type': 'it broke at line 7' }, { status: ERROR }),
      /^error\.type must be a class of errors/,
    ],
    [change(SERVER, { 'http.method': 'GET' }), /^http\.method is not an attribute of the conventions \d/],
    [change(DATABASE, { 'db.statement': 'select 1' }), /^db\.statement is not an attribute/],
    [change(SERVER, { 'http.request.colour': 'red' }), /^http\.request\.colour is not an attribute/],
    [
      change(SERVER, {}, { exception: {} }),
      'exception event: exception.type or exception.message is missing',
    ],
    [
      change(SERVER, {}, { exception: { 'exception.type': 7 } }),
      'exception event: exception.type must be string, not 7',
    ],
    [
      change(SERVER, {}, { exception: { 'exception.message': 'x', 'exception.escaped': true } }),
      /^exception event: exception\.escaped is not an attribute/,
    ],
  ];
  for (const [spec, expected] of cases) {
    const violations = checkConventions(finished(spec));
    const found = violations.some((line) =>
      typeof expected === 'string' ? line === expected : expected.test(line),
    );
    t.ok(found, `${expected}`, { violations });
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
