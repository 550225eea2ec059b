import t from 'tap';
import { looksSecret, redact } from '../../src/saved-trace/redact.ts';

const span = {
  outline: {
    trace_id: 'abcd'.repeat(8),
    texts: ['GET /u/ada@example.org', 'server'],
    span_ids: 'abcd'.repeat(4),
  },
  otlp: {
    attributes: [
      { key: 'user.email', value: { stringValue: 'ada@example.org' } },
      { key: 'url.path', value: { stringValue: '/u/ada@example.org' } },
      { key: 'count', value: { intValue: '7' } },
      {
        key: 'tags',
        value: { arrayValue: { values: [{ stringValue: 'ada@example.org' }, { stringValue: 'b' }] } },
      },
    ],
    traceId: 'abcd'.repeat(8),
  },
  honeycomb: { data: { 'user.email': 'ada@example.org', 'url.path': '/u/ada@example.org', count: 7 } },
};

t.test('the values of a field are gone wherever they stand', async (t) => {
  const redacted = redact(span, ['user.email']);
  t.notMatch(JSON.stringify(redacted), 'ada@example.org');
  t.equal(redacted.honeycomb.data['user.email'], 'REDACTED');
  t.equal(redacted.honeycomb.data['url.path'], '/u/REDACTED');
  t.same(redacted.otlp.attributes[0]?.value, { stringValue: 'REDACTED' });
  t.equal(redacted.outline.texts[0], 'GET /u/REDACTED');
  t.same(redacted.otlp.attributes[2], span.otlp.attributes[2], 'other fields stay');
});

t.test('a number is redacted in its own field, and equal numbers elsewhere stay', async (t) => {
  const redacted = redact({ ...span, depth: [7, 7] }, ['count']);
  t.equal(redacted.honeycomb.data.count as unknown, 'REDACTED');
  t.same(redacted.depth, [7, 7]);
  t.equal(redacted.honeycomb.data['user.email'], 'ada@example.org');
});

t.test('a name that ends with * stands for all names that begin so', async (t) => {
  t.notMatch(JSON.stringify(redact(span, ['user.*'])), 'ada@example.org');
});

t.test('ids and times stay, even where a redacted value is a part of one', async (t) => {
  const redacted = redact({ ...span, data: { secret: 'abcd' } }, ['secret']);
  t.equal(redacted.outline.trace_id, span.outline.trace_id);
  t.equal(redacted.outline.span_ids, span.outline.span_ids);
  t.equal(redacted.otlp.traceId, span.otlp.traceId);
});

t.test('more than 1,000 different values are refused', async (t) => {
  const many = Array.from({ length: 1001 }, (_, at) => ({ secret: `value ${at}` }));
  t.throws(() => redact(many, ['secret']), RangeError);
});

t.test('names of fields that are often secret', async (t) => {
  for (const name of [
    'http.request.header.authorization',
    'http.request.header.set-cookie',
    'api_key',
    'db.password',
    'session.id',
    'access.token',
  ])
    t.ok(looksSecret(name), name);
  for (const name of ['http.route', 'gen_ai.usage.input_tokens', 'user.id', 'secretary'])
    t.notOk(looksSecret(name), name);
});
