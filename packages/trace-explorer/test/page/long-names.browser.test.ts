import type { Locator } from 'playwright-core';
import t from 'tap';
import { randomId, storeLogs, storeSpans } from '../spans.ts';
import { openPage } from './browser.ts';

const SERVICES = ['worker', 'gateway', 'scheduler'].map(
  (end) => `customer-lifetime-value-calculation-${end}`,
);

/** A trace in which each of them calls the next. */
const TRACE = randomId(16);

/** Each view that lists services, and their names there. */
const VIEWS = [
  ['/', '.data-table .service-name'],
  ['/traces', '.root-service .service-name'],
  ['/logs', '.log-service .service-name'],
  ['/map', '.worst-list .service-name'],
  ['/verify', '.data-table .service-name'],
  [`/trace/${TRACE}`, '.span-service'],
] as const;

const { page, problems, visit } = await openPage(t, {
  path: false,
  async fill(store) {
    await storeSpans(
      store,
      SERVICES.map((service) => ({
        service,
        name: 'GET /customers/:id',
        kind: 2,
        durationMs: 20,
        status: 2 as const,
      })),
    );
    const ids = SERVICES.map(() => randomId(8));
    await storeSpans(
      store,
      SERVICES.map((service, at) => ({
        service,
        traceId: TRACE,
        spanId: ids[at] ?? '',
        ...(at > 0 && { parentSpanId: ids[at - 1] ?? '' }),
        name: 'GET',
        kind: 2,
        durationMs: 20,
      })),
    );
    await storeLogs(
      store,
      SERVICES.map((service) => ({ service, severity: 17, body: 'no answer' })),
    );
  },
});

/** Letters at the end of a name that are in sight, and the name that its title says. */
function seen(names: Locator) {
  return names.evaluateAll((all) =>
    all.map((name) => {
      const { FIRST_ORDERED_NODE_TYPE } = XPathResult;
      const found = document.evaluate('(.//text())[last()]', name, null, FIRST_ORDERED_NODE_TYPE);
      const last = found.singleNodeValue;
      const title = name.querySelector('[title]')?.getAttribute('title') ?? '';
      if (last === null) return { title, end: '' };
      const range = document.createRange();
      const text = last.textContent ?? '';
      const isInSight = (from: number) => {
        range.setStart(last, from);
        range.setEnd(last, text.length);
        const { left, right } = range.getBoundingClientRect();
        for (
          let each = last.parentElement;
          each !== null && each !== name.parentElement;
          each = each.parentElement
        ) {
          const box = each.getBoundingClientRect();
          if (left < box.left - 1 || right > box.right + 1) return false;
        }
        return true;
      };
      const from = Array.from(text, (_, at) => at).find(isInSight) ?? text.length;
      return { title, end: text.slice(from) };
    }),
  );
}

for (const [path, names] of VIEWS)
  t.test(`services that differ in their end are told apart on ${path}`, async (t) => {
    for (const width of [1280, 400]) {
      await visit(path, { width });
      const shown = page.locator(names).filter({ visible: true });
      await shown.first().waitFor();
      const all = await seen(shown);
      t.same(
        new Set(all.map(({ title }) => title)),
        new Set(SERVICES),
        `${width} pixels: whole in the title`,
      );
      const ends = new Set(all.map(({ end }) => end.slice(-6)));
      t.same(ends, new Set(SERVICES.map((service) => service.slice(-6))), `${width} pixels`);
    }
    t.same(problems, []);
  });

t.test('a name that was cut is read as one word', async (t) => {
  // Where it is no link, too: the choice of rows at 400 pixels.
  await visit('/query', { width: 400 });
  const rows = page.getByRole('combobox', { name: 'Rows to look at' });
  await rows.waitFor();
  t.match(await rows.ariaSnapshot(), /Requests \(server spans\)/);

  await visit('/verify', { width: 400 });
  for (const name of SERVICES) await page.getByRole('link', { name, exact: true }).first().waitFor();
  t.same(problems, []);
});
