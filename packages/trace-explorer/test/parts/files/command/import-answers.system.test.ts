import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseDocuments } from '../../../../src/core/files/foreign/foreign-documents.ts';
import { importCommand } from '../../../../src/parts/files/command/import.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { temporaryDirectory } from '../../../spans.ts';

const [TRACE_ID, SPAN_ID, PARENT_ID] = [
  '0af7651916cd43dd8448eb211c80319c',
  'b7ad6b7169203331',
  '00f067aa0ba902b7',
];
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

/** A document with a span; `id` writes its ids. */
const documentOf = (name: string, id = (hex: string) => hex) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: id(TRACE_ID),
              spanId: id(SPAN_ID),
              parentSpanId: id(PARENT_ID),
              name,
              startTimeUnixNano: `${Date.now()}000000`,
              endTimeUnixNano: `${Date.now()}000001`,
            },
          ],
        },
      ],
    },
  ],
});

t.test('import takes a trace as Jaeger and Tempo answer it, and any OTLP JSON', async (t) => {
  const tempo = documentOf('tempo', base64);
  const answers = [
    JSON.stringify({ result: documentOf('jaeger') }),
    ['a', 'b'].map((name) => JSON.stringify({ result: documentOf(name) })).join('\n'),
    JSON.stringify({ trace: tempo, metrics: {} }),
    JSON.stringify({ batches: documentOf('old tempo', base64).resourceSpans }),
    JSON.stringify(documentOf('as it is'), null, 2),
  ];
  const { app, get } = await temporaryExplorer(t);
  const explorer = await app.listen({ host: '127.0.0.1', port: 0 });
  const folder = temporaryDirectory(t);
  for (const [nth, answer] of answers.entries()) {
    const file = join(folder, `${nth}.json`);
    writeFileSync(file, answer);
    await importCommand([file, '--url', explorer]);
  }
  const { body } = await get(`/api/export?trace_id=${TRACE_ID}`);
  const spans = body.resourceSpans.flatMap((each: ReturnType<typeof documentOf>['resourceSpans'][0]) =>
    each.scopeSpans.flatMap((scope) => scope.spans),
  );
  t.same(spans.map(({ name }: { name: string }) => name).toSorted(), [
    'a',
    'as it is',
    'b',
    'jaeger',
    'old tempo',
    'tempo',
  ]);
  for (const span of spans) t.match(span, { spanId: SPAN_ID, parentSpanId: PARENT_ID });
  const large = JSON.stringify(documentOf('large')).replace('"name"', '"kind":9007199254740993,"name"');
  t.match(parseDocuments(large), [/"kind":"9007199254740993"/], 'whole numbers stay whole');
});

t.test('an address is refused with what to do, without the keys that are in it', async (t) => {
  await t.rejects(importCommand(['https://ada:secret@jaeger/api/v3/traces/1?key=secret']), {
    message: /^import takes files\. Read the address first \(curl -o trace\.json ADDRESS\)(?!.*secret)/,
  });
});
