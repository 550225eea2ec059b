import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import t from 'tap';
import { fetchDocuments } from '../../../src/command/files/fetch-documents.ts';
import { importCommand } from '../../../src/command/files/import-files.ts';
import { temporaryExplorer } from '../../explorer.ts';

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

async function listen(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('import takes a trace as Jaeger and Tempo answer it, and any OTLP JSON', async (t) => {
  const tempo = documentOf('tempo', base64);
  const answers: Record<string, string> = {
    '/api/v3/traces/1': JSON.stringify({ result: documentOf('jaeger') }),
    '/api/v3/traces/2': ['a', 'b'].map((name) => JSON.stringify({ result: documentOf(name) })).join('\n'),
    '/api/v2/traces/3': JSON.stringify({ trace: tempo, metrics: {} }),
    '/api/traces/4': JSON.stringify({ batches: documentOf('old tempo', base64).resourceSpans }),
    '/otlp': JSON.stringify(documentOf('as it is'), null, 2),
    '/large': JSON.stringify(documentOf('large')).replace(
      '"name":"large"',
      '"name":"large","kind":9007199254740993',
    ),
  };
  const asked: (string | undefined)[] = [];
  const url = await listen(t, ({ url = '', headers }, response) => {
    asked.push(headers.authorization);
    response.end(answers[new URL(url, 'http://x').pathname]);
  });
  const { app, get } = await temporaryExplorer(t);
  const explorer = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const path of Object.keys(answers).slice(0, 5))
    await importCommand([`${url.replace('//', '//ada:secret@')}${path}?key=secret`, '--url', explorer]);
  t.same(new Set(asked), new Set([`Basic ${btoa('ada:secret')}`]));
  const { body } = await get(`/api/traces/${TRACE_ID}/export`);
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
  t.match(await fetchDocuments(`${url}/large`), [/"kind":"9007199254740993"/], 'whole numbers stay whole');
});

t.test('an address is refused with the reason, without the keys that are in it', async (t) => {
  const url = await listen(t, (request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/away'))
      return response.writeHead(302, { location: 'http://169.254.169.254/key' }).end();
    if (path.startsWith('/port')) return response.writeHead(302, { location: 'https://127.0.0.1:9/x' }).end();
    if (path.startsWith('/here')) return response.writeHead(302, { location: '/otlp' }).end();
    if (path.startsWith('/mail')) return response.writeHead(302, { location: 'mailto:a@b.example' }).end();
    if (path.startsWith('/nowhere')) return response.writeHead(302, { location: 'http://[' }).end();
    if (path.startsWith('/round')) return response.writeHead(302, { location: path }).end();
    if (path.startsWith('/otlp')) return response.end(JSON.stringify(documentOf('here')));
    if (path.startsWith('/jaeger')) return response.end('{"data":[{"traceID":"1"}]}');
    if (path.startsWith('/page')) return response.end('<html>');
    if (path.startsWith('/lists')) return response.end(`[${'[],'.repeat(2_000_000)}[]]`);
    if (path.startsWith('/large')) return response.end(Buffer.alloc(32 * 1024 * 1024 + 1, ' '));
    return response.writeHead(404).end();
  });
  t.match(await fetchDocuments(`${url}/here`), [/"here"/], 'a redirect to the same host');
  for (const [path, message] of [
    ['/away', 'it redirects to http://169.254.169.254. Name that address if you trust it.'],
    ['/port', 'it redirects to https://127.0.0.1:9. Name that address if you trust it.'],
    ['/mail', 'it redirects to an address of mailto:, which import does not read.'],
    ['/nowhere', 'it redirects to what is not an address.'],
    ['/round', 'it redirects more than 5 times.'],
    [
      '/jaeger',
      'it did not answer with OTLP JSON. Jaeger does at /api/v3/traces/ID, Tempo at /api/v2/traces/ID.',
    ],
    [
      '/page',
      'it did not answer with OTLP JSON. Jaeger does at /api/v3/traces/ID, Tempo at /api/v2/traces/ID.',
    ],
    ['/large', 'it answered with more than 32 MiB.'],
    ['/lists', 'it has more than 2000000 objects and lists. Take fewer traces at a time.'],
    ['/none', 'it answered 404.'],
  ])
    await t.rejects(fetchDocuments(`${url}${path}?key=secret`), { message: `${url}${path}: ${message}` });
  await t.rejects(fetchDocuments('http://127.0.0.1:9/x'), {
    message: /^http:\/\/127\.0\.0\.1:9\/x: .*ECONNREFUSED/,
  });
  for (const [address, shown] of [
    ['http://[/x', 'http://[/x'],
    ['http://ada:se/cret@host:99999/x?key=secret', 'http://host:99999/x'],
    ['http://ada:secret@[/x', 'http://[/x'],
  ] as const) {
    await t.rejects(fetchDocuments(address), { message: `${JSON.stringify(shown)} is not an address.` });
    await t.rejects(importCommand([address]), { message: `${JSON.stringify(shown)} is not an address.` });
  }
});

t.test('a public name that leads to a private address is refused, and nothing is asked there', async (t) => {
  let asked = 0;
  const url = await listen(t, (_, response) => {
    asked++;
    response.end(JSON.stringify(documentOf('here')));
  });
  const { port } = new URL(url);
  const fetchFrom = (host: string, ...addresses: string[]) =>
    fetchDocuments(`http://${host}:${port}/x`, async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  for (const address of [
    ...['127.0.0.1', '::1', '169.254.169.254', '10.1.2.3', 'fd00::1', '::ffff:192.168.1.1', '::ffff:a00:1'],
    ...[
      '64:ff9b::a00:1',
      '2002:a00:1::',
      'fec0::1',
      '192.0.0.170',
      '198.18.0.1',
      '198.19.255.1',
      '240.0.0.1',
      '255.255.255.255',
    ],
  ])
    await t.rejects(fetchFrom('traces.example', '203.0.113.1', address), {
      message: `http://traces.example:${port}/x: traces.example leads to ${address}, which is private. Name that address if you mean it.`,
    });
  t.equal(asked, 0);
  for (const host of ['jaeger', 'tempo.internal', 'jaeger.tracing.svc'])
    t.match(await fetchFrom(host, '127.0.0.1'), [/"here"/], `${host} says itself that it is private`);
});
