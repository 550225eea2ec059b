import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { readNames, UNUSED_NAMES } from '../../../src/core/redaction/named-fields.ts';
import type { SavedTrace } from '../../../src/core/saved-trace/saved-trace.ts';
import { documentsOfPage, readSavedTrace } from '../../../src/core/saved-trace/saved-trace.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { randomId } from '../../spans.ts';

// At night too: with every pair of names.

/** An attribute of OTLP JSON. */
type Attribute = { readonly key: string; readonly value: object };
const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const map = (key: string, ...values: readonly Attribute[]): Attribute => ({
  key,
  value: { kvlistValue: { values } },
});

interface Given {
  readonly attributes?: readonly Attribute[];
  readonly span?: object;
  readonly resource?: readonly Attribute[];
  readonly log?: object;
}

const START = BigInt(Date.now() - 60_000) * 1_000_000n;

/** An explorer with the traces of all tests, and another that takes their pages. */
const [explorer, other] = [await temporaryExplorer(t), await temporaryExplorer(t)];

/** A stored trace of one span and one log record. */
async function stored({ attributes = [], span = {}, resource = [], log = {} }: Given, into = explorer) {
  const traceId = randomId(16);
  const of = { attributes: [text('service.name', 'web'), ...resource] };
  const ids = { traceId, spanId: randomId(8) };
  const times = { startTimeUnixNano: `${START}`, endTimeUnixNano: `${START + 5_000_000n}` };
  const whole = { ...ids, ...times, kind: 2, name: 'GET /', attributes, ...span };
  await importInto(into, {
    resourceSpans: [{ resource: of, scopeSpans: [{ spans: [whole] }] }],
    resourceLogs: [
      { resource: of, scopeLogs: [{ logRecords: [{ ...ids, timeUnixNano: `${START}`, ...log }] }] },
    ],
  });
  return { ...into, ...ids };
}

async function importInto({ app }: Pick<typeof explorer, 'app'>, body: object) {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: '/api/import', headers, payload: body });
  return answer.json();
}

/** The trace as a page without the values of some fields. Another explorer takes the page, whole. */
async function redacted(given: Given, ...names: readonly string[]) {
  const { app, traceId, spanId } = await stored(given);
  const query = new URLSearchParams(names.map((name): [string, string] => ['redact', name]));
  const { statusCode, body } = await app.inject(`/api/traces/${traceId}/page?${query}`);
  t.equal(statusCode, 200, names.join());
  const trace = (await readSavedTrace(body)) as SavedTrace;
  for (const document of (await documentsOfPage(body)) ?? [])
    t.match(await importInto(other, JSON.parse(document)), { rejected: 0 });
  t.match((await other.get(`/api/traces/${traceId}/outline`)).body, { span_ids: spanId });
  const [span] = trace.spans;
  return {
    trace,
    all: JSON.stringify(trace),
    otlp: JSON.stringify(span?.otlp),
    data: span?.honeycomb.event?.data ?? {},
    spanId,
  };
}

t.test('a value in a nested map is named by its path, however short it is', async (t) => {
  const user = map('user', text('pin', '73'), map('card', text('cvc', 'c9k')), text('plan', 'free'));
  const log = { body: { kvlistValue: { values: [text('pin', '73'), text('step', 'paid')] } } };
  const given = { attributes: [user, { key: 'ratio', value: { doubleValue: 0.5 } }], log };
  const { all, data, otlp, trace } = await redacted(given, 'user.pin', 'user.card.*', 'ratio', 'body.pin');
  t.notMatch(all, /"73"|\\"73\\"|c9k|0\.5\b/);
  t.match(data, { 'user.pin': 'REDACTED', 'user.plan': 'free', ratio: 'REDACTED' });
  t.match(otlp, '{"key":"plan","value":{"stringValue":"free"}}');
  t.equal(trace.logs[0]?.body, '{"pin":"REDACTED","step":"paid"}');
  t.notMatch((await redacted(given, 'user')).all, /"73"},|c9k|free/, 'the map with all that is in it');
});

t.test('maps below the depth of fields, and in lists, have paths too', async (t) => {
  const deep = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].reduceRight(
    (inner: Attribute, key) => map(key, inner),
    text('pin', '73'),
  );
  const list = {
    key: 'users',
    value: { arrayValue: { values: [{ kvlistValue: { values: [text('pin', '98')] } }] } },
  };
  const { all } = await redacted({ attributes: [deep, list] }, 'a.b.c.d.e.f.g.pin', 'users.pin');
  t.notMatch(all, /\b(?:73|98)\b/);
});

t.test('attributes that are named as parts of OTLP are redacted; ids and times are not', async (t) => {
  const names = ['id', 'time', 'trace.id', 'loginTimeUnixNano', 'outline', 'span_ids', 'trace.trace_id'];
  const attributes = names.map((name, at) => text(name, `secret-${at}-${name.length}`));
  const { all, trace, spanId } = await redacted({ attributes }, ...names);
  t.notMatch(all, /secret-\d/);
  t.equal(trace.outline.span_ids, spanId);
  t.match(JSON.stringify(trace.spans[0]?.otlp), `"startTimeUnixNano":"${START}"`);
  t.equal(trace.logs[0]?.time_ns, `${START}`);
});

t.test('every name that a member of the file has can be asked for', async (t) => {
  const attributes = [text('user.email', 'ada@example.org'), { key: 'n', value: { intValue: '4711' } }];
  const status = { code: 2, message: 'no route for ada' };
  const log = { body: { stringValue: 'a line' }, attributes: [text('k', 'a value')] };
  const given = { attributes, span: { status }, log };
  const everything = await redacted(given, '*');
  t.notMatch(everything.all, /\b(?:ada|4711)\b|a line|a value|"web"|GET/);
  const names = ['outline', 'services', 'texts', 'spans', 'otlp', 'resourceSpans', 'kind', 'logs', 'key'];
  const { data } = await redacted(given, ...names);
  t.match(data, { 'user.email': 'ada@example.org', name: 'GET /' });
});

t.test('texts of a span and a log record that are no attributes are fields, too', async (t) => {
  const span = {
    name: 'buy quiz',
    status: { code: 2, message: 'bad quiz' },
    traceState: 'a=quiz',
    events: [{ name: 'quiz', timeUnixNano: `${START}` }],
  };
  const log = { severityText: 'quizy', body: { stringValue: 'quiz' } };
  const names = ['name', 'status_message', 'trace.trace_state', 'body', 'severity_text'];
  t.notMatch((await redacted({ span, log }, ...names)).all, 'quiz');
  const resource = [text('service.name', 'ab')];
  const { all, trace } = await redacted({ resource }, 'service.name');
  t.notMatch(all, /"ab"/);
  t.equal(trace.spans[0]?.honeycomb.dataset, 'REDACTED');
});

t.test('short values of fields that the waterfall shows are gone from it', async (t) => {
  const attributes = [
    { key: 'http.response.status_code', value: { intValue: '418' } },
    text('http.route', '/ab'),
    text('error.type', 'X7'),
    text('exception.type', 'Y8'),
    text('exception.stacktrace', 'at z (/z.js:1:1)'),
  ];
  const given = { attributes, span: { status: { code: 2 } } };
  const names = attributes.map(({ key }) => key);
  const { trace } = await redacted(given, ...names);
  t.match(trace.outline, {
    status_code: [[0, 'REDACTED']],
    route: [[0, 'REDACTED']],
    problem: [[0, 'REDACTED']],
    exception: [[0, 'REDACTED']],
    frame: [[0, 'REDACTED']],
  });
});

t.test('copies of a value are found in other forms', async (t) => {
  const secret = 'Ada "the first"/ü@example.org';
  const attributes = [
    text('secret', secret),
    text('url.full', `http://x/?q=${encodeURIComponent(secret)}&page=2`),
    text('url.form', `q=${new URLSearchParams({ q: secret })}`),
    text('url.twice', `to=${encodeURIComponent(encodeURIComponent(secret))}`),
    text('json', JSON.stringify({ user: secret, plan: 'free' })),
    text('json.ascii', JSON.stringify(secret).replace('ü', '\\u00fc').replace('/', '\\/')),
    text('upper', `for ${secret.toUpperCase()}`),
    text(`seen.${secret}`, 'yes'),
    { key: 'raw', value: { bytesValue: Buffer.from(`<${secret}>`).toString('base64') } },
    map('in', text('it', secret)),
  ];
  const log = { body: { stringValue: `hello ${secret.toLowerCase()}` }, attributes: [text(secret, 'x')] };
  const span = { name: `GET ${secret}`, events: [{ name: secret, timeUnixNano: `${START}` }] };
  const { all, data } = await redacted({ attributes, span, log }, 'secret');
  t.notMatch(all, /first|example|%22the/i);
  t.notMatch(all, Buffer.from('the first').toString('base64').slice(2, -4));
  t.equal(data['url.full'], 'http://x/?q=REDACTED&page=2');
  t.equal(data.json, '{"user":"REDACTED","plan":"free"}');
  t.equal(data.name, 'GET REDACTED');
});

t.test('an equal number elsewhere is a copy; the span stays one that can be imported', async (t) => {
  const number = (key: string, value: object) => ({ key, value });
  const attributes = [
    number('account', { intValue: '4711' }),
    number('same', { intValue: '4711' }),
    number('share', { doubleValue: 0.125 }),
    number('same.share', { doubleValue: 0.125 }),
    number('other', { intValue: '4712' }),
  ];
  const { data, all, otlp } = await redacted({ attributes, span: { name: 'pay 4711' } }, 'account', 'share');
  t.match(data, { account: 'REDACTED', same: 'REDACTED', 'same.share': 'REDACTED', name: 'pay REDACTED' });
  t.match(otlp, '{"key":"other","value":{"intValue":"4712"}}');
  t.notMatch(all, /\b(?:4711|0\.125)\b/);
});

t.test('bytes are redacted, and the same bytes elsewhere', async (t) => {
  const bytes = Buffer.from([0xff, 0xfe, ...Buffer.from('key material')]).toString('base64');
  const value = { bytesValue: bytes };
  const { all } = await redacted({ attributes: [{ key: 'key', value }, text('copy', bytes)] }, 'key');
  t.notMatch(all, bytes);
});

t.test('of a long value no cut copy is left', async (t) => {
  const long = `begins-here ${'x'.repeat(5000)}`;
  const attributes = [text('secret', long), text('error', `failed with ${long}`)];
  const span = { name: `GET ${long}`, status: { code: 2, message: long } };
  const { all } = await redacted({ attributes, span, log: { body: { stringValue: long } } }, 'secret');
  t.notMatch(all, 'begins-here');
});

t.test(
  'a value that ends as a longer one begins, and names without a value, change nothing else',
  async (t) => {
    const { data } = await redacted({ attributes: [text('a', 'abcd'), text('b', 'abcdefg abcd')] }, 'a');
    t.equal(data.b, 'REDACTEDefg REDACTED');
    const { data: same } = await redacted({ attributes: [text('a', 'abcd')] }, 'b', 'c.*');
    t.equal(same.a, 'abcd');
  },
);

t.test('others have their turn after each span, and too many values are refused', async (t) => {
  const { app, store, traceId } = await stored({}, await temporaryExplorer(t));
  const parent = { scopeSpans: [] as object[] };
  for (let at = 0; at < 400; at++) {
    const attributes = [text('secret', `value-${at % 100}`), text('message', `it was value-${at}`)];
    const times = { startTimeUnixNano: `${START}`, endTimeUnixNano: `${START}` };
    parent.scopeSpans.push({ spans: [{ traceId, spanId: randomId(8), name: 'x', attributes, ...times }] });
  }
  await importInto({ app }, { resourceSpans: [parent] });
  t.equal((await store.read('SELECT count(*) FROM spans')).rows.length, 1);
  let turns = 0;
  let isDone = false;
  const tick = () => {
    turns++;
    if (!isDone) setImmediate(tick);
  };
  tick();
  const answer = await app.inject(`/api/traces/${traceId}/page?redact=secret`);
  isDone = true;
  t.equal(answer.statusCode, 200);
  t.ok(turns > 800, `${turns} turns`);
  t.notMatch(JSON.stringify(await readSavedTrace(answer.body)), /value-\d/);

  const many = Array.from({ length: 10_001 }, (_, at) => text('many', `value ${at}`));
  await importInto(
    { app },
    {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId,
                  spanId: randomId(8),
                  name: 'x',
                  attributes: [
                    { key: 'many', value: { arrayValue: { values: many.map(({ value }) => value) } } },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  );
  const refused = await app.inject(`/api/traces/${traceId}/page?redact=many`);
  t.equal(refused.statusCode, 422);
  t.match(refused.json(), { code: 'TOO_MANY_VALUES', detail: /name fewer fields/ });
});

t.test('copies in base64 and in HTML, and cut beginnings, are found in other fields', async (t) => {
  const secret = `it's "s3cr3t" <ada&co>`;
  const html = (written: (code: string) => string) =>
    secret.replaceAll(/[^a-z0-9 ]/gi, (character) => written(String(character.codePointAt(0))));
  const named: Readonly<Record<string, string>> = {
    "'": '#39',
    '"': 'quot',
    '<': 'lt',
    '>': 'gt',
    '&': 'amp',
  };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const copies = [
    `Basic ${base64(`a:${secret}`)}`,
    `Basic ${base64(`ab:${secret}x`)}`,
    `Basic ${base64(`abc:${secret}`)}`,
    Buffer.from(`>>>?${secret}`).toString('base64url'),
    `<b>${secret.replaceAll(/[&<>"']/g, (character) => `&${named[character]};`)}</b>`,
    html((code) => `&#${code};`),
    html((code) => `&#x${Number(code).toString(16)};`),
    `header=${secret.slice(0, 12)}`,
    `header=${secret.slice(0, 12)}…`,
    `header=${secret.slice(0, 12)}... (10 more)`,
    `header=${secret.slice(0, 12)}*** (10 more)`,
    `header=${secret.slice(0, 12).toUpperCase()}' was refused`,
    `${secret.slice(6)}`,
  ];
  const attributes = [
    text('app.token', secret),
    ...copies.map((copy, at) => text(`copy.${at}`, copy)),
    text('other', 'it is a secret of ada & co, eaSy'),
  ];
  const { data } = await redacted({ attributes }, 'app.token');
  for (const [at, copy] of copies.entries())
    t.match(data, { [`copy.${at}`]: /^(?:header=)?REDACTED$/ }, copy);
  t.match(data, { other: 'it is a secret of ada & co, eaSy' }, 'a text without a copy stays');
});

t.test('cut copies are found at every mark of a cut, and parts of a long value at its end', async (t) => {
  const secret = 'begin-middle-end';
  const long = `${'0123456789abcdef'.repeat(8)}-the-end`;
  const cases: readonly (readonly [copy: string, left: string])[] = [
    ['first… then begin-mid… more', 'first… then REDACTED'],
    ['…iddle-end, said …-middle-end', '…REDACTED, said …REDACTED'],
    ['***ddle-end of it', '***REDACTED of it'],
    ['"iddle-end" and "dle-end"', '"REDACTED" and "dle-end"'],
    ['middle-end of BEGIN-MIDDLE-E', 'REDACTED of REDACTED'],
    ['ending-middle-ends', 'ending-middle-ends'],
    [`…${long.slice(90)} was it`, '…REDACTED was it'],
    ['\u0130…iddle-end', '\u0130…REDACTED'],
    ['begin-mi', 'REDACTED'],
    ['begin-m', 'begin-m'],
  ];
  const attributes = [
    text('a.secret', secret),
    text('b.secret', long),
    ...cases.map(([copy], at) => text(`copy.${at}`, copy)),
  ];
  const { data } = await redacted({ attributes }, 'a.secret', 'b.secret');
  for (const [at, [copy, left]] of cases.entries()) t.equal(data[`copy.${at}`], left, copy);
});

t.test('an old and a present name of the conventions are one', async (t) => {
  const further = [
    ['http.url', 'url.full'],
    ['url.query', 'http.target'],
    ['user_agent.original', 'http.user_agent'],
    ['client.address', 'http.client_ip'],
    ['user.id', 'enduser.id'],
  ] as const;
  for (const [asked, present] of [
    ['db.query.text', 'db.statement'],
    ['db.query.*', 'db.statement'],
    ...(IS_NIGHT ? further : []),
  ] as const) {
    const given = { attributes: [text(present, 'ab')] };
    t.match((await redacted(given, asked)).data, { [present]: 'REDACTED' }, `${asked}: ${present}`);
    if (asked.endsWith('*')) continue;
    t.match((await redacted({ attributes: [text(asked, 'ab')] }, present)).data, { [asked]: 'REDACTED' });
  }
});

t.test('the answer names the fields to redact that the trace lacks', async (t) => {
  await stored({ attributes: [text('db.query.text', 'select 1')] });
  const { app, traceId } = await stored({ attributes: [text('db.statement', 'select 2')] });
  const names = ['db.query.text', 'no, such…', 'user.*', 'x'.repeat(255)];
  const query = new URLSearchParams(names.map((name): [string, string] => ['redact', name]));
  const { headers } = await app.inject(`/api/traces/${traceId}/page?${query}`);
  t.same(readNames(String(headers[UNUSED_NAMES])), names.slice(1));
});
