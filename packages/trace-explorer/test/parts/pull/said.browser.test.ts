import t from 'tap';
import { at } from '../../explorer.ts';
import { openPage } from '../../page/browser.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, storeLogs, storeSpans } from '../../spans.ts';
import { askFor } from '../query/page/open-query.ts';
import { BY_NAME, pulledLogs, pulledSpans, RESOURCE } from './pulled-spans.ts';

/** Pulled calls from a service to another one, of which one failed. */
function rarelyFailingCalls(): PlainSpan[] {
  return Array.from({ length: 100 }, (_, n) => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const own = { traceId, start: at(n), durationMs: 40, attributes: { SampleRate: 12 }, resource: RESOURCE };
    return [
      { ...own, spanId, kind: 2, name: 'GET /cart', service: 'cart' },
      {
        ...own,
        parentSpanId: spanId,
        kind: 2,
        name: 'GET /price',
        service: 'price',
        status: n === 0 ? 2 : 0,
      },
    ] as const;
  }).flat();
}

t.test('the page says of pulled traces what they say of all', async (t) => {
  const { page, origin, problems } = await openPage(t, {
    path: false,
    fill: async (store) => {
      await storeSpans(store, [...pulledSpans(), ...rarelyFailingCalls()]);
      await storeLogs(store, pulledLogs());
    },
  });
  await page.goto(origin + askFor(BY_NAME));
  const rowOf = (name: string) => page.locator('.data-table tbody tr', { hasText: name }).first();
  await rowOf('GET /often').waitFor();
  t.match(await rowOf('GET /often').textContent(), /≈ 9,000/);
  t.match(await rowOf('GET /some').textContent(), /≈ 400[\s\S]*≈ 139/);

  await page.goto(`${origin}/`);
  const cause = page.locator('.cause-row', { hasText: 'no stock' });
  await cause.waitFor();
  t.match(await cause.textContent(), /≈ 12,600 requests[\s\S]*seen in 30/);
  const about = await page.locator('.what-was-looked-at').textContent();
  t.match(about, /traces were looked at/);
  t.match(about, /Whether a queue grows is not known of orders/);

  await page.goto(
    origin + askFor({ ...BY_NAME, filters: [{ column: 'name', op: '=', value: 'GET /none' }] }),
  );
  await page.getByText(/No match among ≈/).waitFor();

  await page.goto(`${origin}/map?show=tables`);
  t.match(
    await page
      .getByRole('row', { name: /postgresql/ })
      .first()
      .textContent(),
    /≈\s3,600.*≈\s8\.00\sms/s,
  );

  await page.goto(`${origin}/map`);
  await page.locator('.map-pill', { hasText: /≈\s1\s% failed/ }).waitFor();
  const covered = await page.locator('.map-node').evaluateAll((boxes) =>
    boxes.flatMap((box) => {
      const [, figures, share] = [...box.querySelectorAll('text')].map((text) =>
        text.getBoundingClientRect(),
      );
      return figures && share && figures.right > share.left ? [box.textContent] : [];
    }),
  );
  t.same(covered, [], 'no figure of a box covers another one');

  await page.goto(`${origin}/logs`);
  await page.getByRole('img', { name: /1 line from/ }).waitFor();
  await page.goto(`${origin}/report?run=pull`);
  await page.getByText('≈ 12,600 requests, seen in 30').first().waitFor();
  t.same(problems, []);
});
