import t from 'tap';
import { findingsOf } from '../../../../src/core/traces/findings/rules.ts';
import { sentenceText } from '../../../../src/core/traces/findings/sentence.ts';
import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { client, modelOf, server, span } from '../make-span.ts';

const shop = { service: 'shop' };
const home = (end = 100) => server('root', '', 0, end, { ...shop, name: 'GET /home' });
const call = (end: number, more: object = {}) =>
  client('call', 'root', 10, end, { ...shop, name: 'GET /users', ...more });
const served = (from: number, end: number, more: object = {}) =>
  server('served', 'call', from, end, { ...shop, name: 'GET /users', ...more });

/** The sentences of some spans for a reader who knows a service. */
const known = (service: string, spans: readonly SpanRecord[]) =>
  findingsOf(modelOf(spans)).map(({ parts }) => sentenceText(parts, service));

t.test('for a reader who knows the service, a sentence is whole without its name', async (t) => {
  for (const [spans, sentence] of [
    [[home(500)], /^GET \/home spent 500 ms of 500 ms by itself, and no span says on what$/],
    [
      [home(500), call(490), served(400, 420)],
      /^GET \/users spent .* before or after the span that answers it$/,
    ],
    [
      [home(1100), call(1010, { error: true, problem: 'timeout' }), served(12, 1600)],
      /^The service worked on GET \/users for 590 ms after its caller had given up, which waited /,
    ],
    [
      [home(), call(60, { error: true, problem: 'other side closed' }), served(12, 50)],
      /^The service never answered GET \/users, for which GET \/home waited 50\.0 ms$/,
    ],
    [
      [home(), span('work', 'root', 10, 60, { ...shop, error: true })],
      /^work failed, and GET \/home went on without an error$/,
    ],
    [[{ ...home(), error: true }], /^GET \/home failed$/],
  ] as const) {
    const sentences = known('shop', spans);
    t.match(sentences, [sentence]);
    t.notMatch(sentences.join(), 'shop');
  }
});

t.test('the name of another service stays', async (t) => {
  const users = { service: 'shop-2' };
  const spans = [home(500), call(490), served(400, 420, users)];
  t.match(known('shop', spans), [/between shop and shop-2, before or after the span there/]);
  const failed = [
    { ...home(), error: true },
    call(60, { error: true }),
    served(12, 50, { ...users, error: true }),
  ];
  t.match(known('shop', failed), [/^GET \/home failed; the error began in GET \/users of shop-2$/]);
});
