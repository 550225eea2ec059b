import t from 'tap';
import { renderMermaid } from '../../../../src/core/command/terminal/render-mermaid.ts';
import type { TraceModel } from '../../../../src/core/traces/model/trace-model.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';

type Spans = Parameters<typeof storeSpans>[1];

/** The model of a trace of these spans. */
async function modelOf(t: Parameters<typeof temporaryExplorer>[0], spans: Spans): Promise<TraceModel> {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  return buildModel((await get(`/api/traces/${spans[0]?.traceId}/outline`)).body);
}

t.test('twelve equal calls are one line, and what a call calls is inside of it', async (t) => {
  const traceId = randomId(16);
  const [root, work] = [randomId(8), randomId(8)];
  const calls = Array.from({ length: 12 }, (_, index) => {
    const call = randomId(8);
    const start = at(10 + index * 5);
    return [
      {
        traceId,
        spanId: call,
        parentSpanId: work,
        name: 'GET',
        service: 'api',
        kind: 3,
        start,
        durationMs: 4,
      },
      {
        traceId,
        spanId: randomId(8),
        parentSpanId: call,
        name: 'GET /users',
        service: 'users',
        kind: 2,
        start,
        durationMs: 3,
      },
    ];
  }).flat();
  const model = await modelOf(t, [
    { traceId, spanId: root, name: 'GET /home', service: 'api', kind: 2, start: at(0), durationMs: 100 },
    {
      traceId,
      spanId: work,
      parentSpanId: root,
      name: 'load feed',
      service: 'api',
      kind: 1,
      start: at(5),
      durationMs: 80,
    },
    ...calls,
    {
      traceId,
      spanId: randomId(8),
      parentSpanId: root,
      name: 'SELECT activities',
      service: 'api',
      kind: 3,
      start: at(90),
      durationMs: 2,
      status: 2,
      attributes: { 'db.system.name': 'sqlite' },
    },
  ]);
  t.equal(
    renderMermaid(model),
    `sequenceDiagram
  participant p0 as caller
  participant p1 as api
  participant p2 as users
  participant p3 as database of api
  p0->>+p1: GET /home
  p1->>+p1: load feed
  p1->>p2: GET /users ×12 (36.0 ms in all)
  p1-->>-p1: 80.0 ms
  p1-xp3: SELECT activities (2.00 ms)
  p1-->>-p0: 100 ms`,
  );
});

t.test('names are text, whatever is in them', async (t) => {
  const name = 'end; a->>b: <img src=x onerror=alert(1)> #35; %% \n loop "x"';
  const model = await modelOf(t, [
    {
      traceId: randomId(16),
      name,
      service: 'as; participant evil\nend',
      kind: 2,
      start: at(0),
      durationMs: 1,
    },
  ]);
  const drawn = renderMermaid(model);
  t.equal(drawn.split('\n').length, 4);
  t.notMatch(drawn.replaceAll('->>', ''), /[<>"%]/);
  t.match(drawn, 'end#59; a-#62;#62;b#58; #60;img src#61;x');
});

t.test('of a large trace the first calls are shown, and how many spans are not', async (t) => {
  const traceId = randomId(16);
  const root = randomId(8);
  const calls = Array.from({ length: 2_000 }, (_, index) => ({
    traceId,
    spanId: randomId(8),
    parentSpanId: root,
    name: `step ${index} ${'<'.repeat(40)}`,
    service: 'api',
    kind: 1,
    start: at(index),
    durationMs: 1,
  }));
  const drawn = renderMermaid(
    await modelOf(t, [
      { traceId, spanId: root, name: 'GET /', service: 'api', kind: 2, start: at(0), durationMs: 3_000 },
      ...calls,
    ]),
  );
  t.ok(drawn.length < 50_000, 'what Mermaid takes');
  const shown = drawn.match(/step/g)?.length ?? 0;
  t.match(drawn, `Note over p0: ${(2_000 - shown).toLocaleString('en-US')} more spans not shown`);
});
