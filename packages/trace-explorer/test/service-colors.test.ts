import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryExplorer } from './explorer.ts';
import { randomId, storeSpans, temporaryDirectory } from './spans.ts';

const spansOf = (...services: string[]) =>
  services.map((service) => ({
    traceId: randomId(16),
    spanId: randomId(8),
    service,
    name: 'GET /',
    kind: 2,
    start: BigInt(Date.now() - 1000) * 1_000_000n,
    durationMs: 3,
  }));
const services = Array.from({ length: 60 }, (_, i) => `service-${i}`);

t.test(
  'a service keeps its colour when others come and after a restart; no two have the same index',
  async (t) => {
    const colorFolder = temporaryDirectory(t);
    const { store, get } = await temporaryExplorer(t, { colorFolder });
    await storeSpans(store, spansOf('web', 'service-7'));
    const { body: first } = await get('/api/services/colors');
    t.same(Object.keys(first).toSorted(), ['service-7', 'web']);
    await storeSpans(store, spansOf(...services));
    const { body: all } = await get('/api/services/colors');
    t.match(all, first);
    t.equal(new Set(Object.values(all)).size, 61);

    const again = await temporaryExplorer(t, { colorFolder });
    // Alone it would have its own colour, which another service took before it.
    await storeSpans(again.store, spansOf('service-59'));
    t.same((await again.get('/api/services/colors')).body, all);
    t.match(
      (await again.get('/')).body,
      `&quot;service-59&quot;:${all['service-59']}`,
      'the page has the colours from the start',
    );
  },
);

for (const [what, text] of [
  ['that cannot be read', '{"web":'],
  ['of an earlier version, which had texts,', '{"web":"#0072b2"}'],
] as const)
  t.test(`a file of colours ${what} is written anew`, async (t) => {
    const colorFolder = temporaryDirectory(t);
    const path = join(colorFolder, 'service-colors.json');
    await writeFile(path, text);
    const { store, get } = await temporaryExplorer(t, { colorFolder });
    await storeSpans(store, spansOf('web'));
    const { body } = await get('/api/services/colors');
    t.match(body, { web: Number });
    t.same(JSON.parse(await readFile(path, 'utf8')), body);
  });
