import type { PlainSpan } from '@tandem/otlp/testing';
import { decodedLogs } from '@tandem/otlp/testing';
import type { Locator } from 'playwright-core';
import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import type { SpanStore } from '../../src/core/store/store.ts';
import { randomId, storeSpans } from '../spans.ts';
import { openPage } from './browser.ts';

/** What a telephone of 400 pixels shows whole, where a wide window has room beside each other. */
const WINDOW = { width: 400, height: 800 };

const traceId = randomId(16);
const rootId = randomId(8);
const start = BigInt(Date.now() - 60_000) * 1_000_000n;

/** Many short spans, and one before the end of the line. */
function cart(): PlainSpan[] {
  const span = (name: string, at: number, durationMs: number): PlainSpan => ({
    traceId,
    spanId: randomId(8),
    parentSpanId: rootId,
    service: 'shop',
    name,
    start: start + BigInt(Math.round(at * 1e6)),
    durationMs,
  });
  const selects = Array.from({ length: 12 }, (_, i) => span('SELECT users', 5 + i * 9, 6));
  const root = { ...span('GET /cart', 0, 120), spanId: rootId };
  const { parentSpanId: _, ...alone } = root;
  return [alone, ...selects, span('render the cart', 50, 8), span('at the end', 112, 7)];
}

async function fill(store: SpanStore): Promise<void> {
  await storeSpans(store, cart());
  const line = { traceId, spanId: rootId, time: start + 20_000_000n };
  await store.write(
    decodedLogs([
      { ...line, service: 'shop', severity: 9, body: 'the cart is read' },
      {
        ...line,
        service: 'a-warehouse-far-away',
        severity: 17,
        body: `out of stock ${'and more '.repeat(20)}`,
      },
    ]),
  );
}

const { page, origin, problems, violations, visit } = await openPage(t, { path: false, fill });

/** Whether all of an element's text is in sight of those that cut it. */
const isWhole = (element: Locator) =>
  element.evaluate((each) => {
    const range = document.createRange();
    range.selectNodeContents(each);
    const text = range.getBoundingClientRect();
    for (let at: Element | null = each; at !== null; at = at.parentElement) {
      if (getComputedStyle(at).overflowX === 'visible') continue;
      const { left, right } = at.getBoundingClientRect();
      if (text.left < left - 1 || text.right > right + 1) return false;
    }
    return text.width > 0;
  });

t.test('400 px: a log line says whose it is, in the Logs view and in its trace', async (t) => {
  await visit('/logs', WINDOW);
  const line = page.locator('.log-rows .log-line', { hasText: 'out of stock' });
  await line.getByText('a-warehouse-far-away').waitFor();
  t.ok(await isWhole(line.locator('.log-service')), 'the service is whole');
  const [service, text] = await Promise.all(
    ['.log-service', '.log-text'].map((part) => line.locator(part).boundingBox()),
  );
  t.ok(text && service && text.y >= service.y + service.height - 1, 'the text has a line of its own');
  t.ok(text && text.width > 370, 'all of it');
  await line.click();
  const open = page.locator('.log-panel');
  await open.getByText('a-warehouse-far-away').first().waitFor();
  const box = await open.boundingBox();
  t.ok(
    box && box.width === 400 && Math.abs(box.y + box.height - 800) < 2,
    'its fields are a sheet at the foot',
  );
  if (IS_NIGHT) t.same(await violations(), []);

  await page.setViewportSize({ width: 1000, height: 800 });
  await page.waitForFunction(() => document.querySelector('.log-rows .log-line')?.clientHeight === 26);
  const [list, beside] = await Promise.all(
    ['.log-rows', '.log-panel'].map((part) => page.locator(part).boundingBox()),
  );
  t.ok(list && beside && beside.x >= list.x + list.width - 1, 'in a wide window they stand beside the lines');

  await page.setViewportSize(WINDOW);
  await page.goto(`${origin}/trace/${traceId}?logs=list&span=none`);
  const inTrace = page.locator('.trace-logs .log-line', { hasText: 'out of stock' });
  await inTrace.getByText('a-warehouse-far-away').waitFor();
  t.ok(await isWhole(inTrace.locator('.service-name')));
  t.same(problems, []);
});

t.test('400 px: no label of a bar is cut, with the critical path neither', async (t) => {
  for (const query of ['', '?path=critical', '?from=last%3D600']) {
    await visit(`/trace/${traceId}${query}`, WINDOW);
    const labels = page.locator('.bar-label');
    await labels.nth(4).waitFor();
    const cut: string[] = [];
    for (const label of await labels.all())
      if (!(await isWhole(label))) cut.push((await label.textContent()) ?? '');
    t.same(cut, [], query);
    const main = await page.locator('.trace-screen').boundingBox();
    t.equal(main?.width, 400, `${query}: nothing sticks out`);
    t.same(problems, [], query);
  }
});

t.test('no label of a bar lies over the end of its bar, in any width', async (t) => {
  for (const width of IS_NIGHT ? [1280, 900, 400] : [400]) {
    for (const query of ['', '?path=critical', '?span=none']) {
      await visit(`/trace/${traceId}${query}`, { width });
      await page.locator('.bar-label').nth(4).waitFor();
      const halves = await page.locator('.span-row').evaluateAll((rows) =>
        rows.flatMap((row) => {
          const [bar, label] = ['.bar', '.bar-label'].map((name) =>
            row.querySelector(name)?.getBoundingClientRect(),
          );
          if (bar === undefined || label === undefined) return ['no bar'];
          if (label.bottom <= bar.top) return [];
          const isBeside = label.left >= bar.right || label.right <= bar.left;
          const isWithin = label.left >= bar.left && label.right <= bar.right;
          return isBeside || isWithin ? [] : [`${row.textContent} ${bar.right} ${label.left}`];
        }),
      );
      t.same(halves, [], `${width} ${query}`);
      t.same(problems, [], `${width} ${query}`);
    }
  }
});

t.test('400 px: the tabs of the panel do not run off, and the map shows the chosen service', async (t) => {
  await visit(`/trace/${traceId}?span=${rootId}`, WINDOW);
  const tabs = page.locator('.tab-list').first();
  await tabs.waitFor();
  t.ok(await tabs.evaluate((list) => list.scrollWidth <= list.clientWidth));
  await page.goto(`${origin}/map?service=shop`);
  const selected = page.locator('.map-node.selected');
  await selected.waitFor();
  const box = await selected.boundingBox();
  t.ok((box?.x ?? -1) >= 0 && (box?.x ?? 400) + (box?.width ?? 0) <= 400);
  t.same(problems, []);
});

t.test('400 px: with columns of fields, time keeps the width in which bars can be compared', async (t) => {
  const { page, problems } = await openPage(t, {
    ...WINDOW,
    path: `/trace/${traceId}?columns=duration_ms,name&span=none`,
    fill,
    hasOwnTab: true,
  });
  await page.locator('.bar').nth(1).waitFor();
  const row = page.locator('.span-row', { hasText: 'GET /cart' });
  const said = await row
    .locator('.span-extra')
    .first()
    .evaluate((each) => getComputedStyle(each, '::before').content);
  t.match(said, 'duration_ms', 'a value says of which field it is');
  const bar = await row.locator('.bar').boundingBox();
  t.ok(bar && bar.width > 300, 'the whole trace is the whole line');
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, 'and not the page');

  // Twice the browser's size of text.
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.documentElement) document.documentElement.style.fontSize = '200%';
    }).observe(document, { childList: true });
  });
  await page.reload();
  await page.locator('.bar').nth(1).waitFor();
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((each) => Number.parseFloat(getComputedStyle(each).fontSize) < 20)
      .map((each) => each.className),
  );
  t.same(small, [], 'all text follows');
  t.same(problems, []);
});
