import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();

t.test('the newest spans that link to a span, each once', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const target = { traceId: id('target', 16), spanId: id('target') };
  const url = `/api/traces/${target.traceId}/spans/${target.spanId}/links`;
  t.same((await get(url)).body, [], 'no span has a link');
  const linking = (name: string, after: number, links: object[]) => ({
    traceId: id(name, 16),
    spanId: id(name),
    name,
    service: 'mailer',
    start: at(after),
    links: links.map((link) => ({ ...target, ...link })),
  });
  await storeSpans(store, [
    linking('old', 0, [{}, {}]),
    linking('new', 5, [{}]),
    linking('other span', 9, [{ spanId: id('x') }]),
    linking('other trace', 9, [{ traceId: id('x', 16) }]),
  ]);
  const { body } = await get(url.replace(target.traceId, target.traceId.toUpperCase()));
  t.match(body, [
    { trace_id: id('new', 16), span_id: id('new'), name: 'new', service: 'mailer', start: /^\d{4}-.*Z$/ },
    { trace_id: id('old', 16), name: 'old' },
  ]);
  t.equal(body.length, 2);
  await storeSpans(
    store,
    Array.from({ length: 50 }, (_, i) => linking(`many ${i}`, 10 + i, [{}])),
  );
  const many = (await get(url)).body;
  t.match(many, { 0: { name: 'many 49' }, length: 50 });
});
