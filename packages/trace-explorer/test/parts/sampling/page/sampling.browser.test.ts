import t from 'tap';
import { openPage } from '../../../page/browser.ts';
import { choose } from '../../../page/choose.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** Half an hour of requests: most of one route, few of another, one of which failed. */
function traffic(): PlainSpan[] {
  const begin = BigInt(Date.now() - 1_800_000) * 1_000_000n;
  return Array.from({ length: 600 }, (_, n) => {
    const isRare = n % 60 === 0;
    return {
      traceId: randomId(16),
      spanId: randomId(8),
      service: 'shop',
      name: isRare ? 'GET /rare' : 'GET /often',
      kind: 2,
      start: begin + BigInt(n) * 2_900_000_000n,
      durationMs: n % 100 === 0 ? 1500 : 20 + (n % 7),
      ...(n === 120 && { status: 2 as const }),
      attributes: {
        'http.route': isRare ? '/rare' : '/often',
        'http.request.method': 'GET',
        'user.id': `user-${n % 20}`,
        ...(n === 120 && { 'exception.type': 'OutOfStock', 'exception.message': 'no shoes are left' }),
      },
    };
  });
}

t.test(
  'a budget, errors and slow ones: what is kept and lost, causes first, and the file to copy',
  async (t) => {
    const { page, context, problems, violations } = await openPage(t, {
      path: '/',
      fill: (store) => storeSpans(store, traffic()),
    });
    await page.getByRole('button', { name: 'More', exact: true }).press('Enter');
    await page.getByRole('menuitem', { name: 'Sampling' }).press('Enter');
    await page.waitForURL((url) => url.pathname === '/sampling');
    await page.getByRole('heading', { name: 'suggested, Collector: no cause is lost' }).waitFor();
    await page.getByRole('heading', { name: 'Sampling, tried on 600 traces of 29 minutes' }).waitFor();
    const first = page.getByRole('row', { name: /^suggested, Collector/ });
    t.match(await shownText(first), /^suggested, Collector\s+600 \(100 %\)\s.*\s0 of 1\s+0\s+0$/s);

    const rules = page.locator('.card', { has: page.getByRole('heading', { name: 'Rules', exact: true }) });
    t.same(await rules.getByRole('columnheader').allTextContents(), [
      'Rule',
      'Traces',
      'Kept',
      'Events kept',
    ]);

    const slider = page.getByRole('slider', { name: /Budget/ });
    await slider.focus();
    await page.keyboard.press('Home');
    await page.waitForURL((url) => url.searchParams.get('events') === '100000');
    await page.getByText('100,000 events a month').waitFor();
    await page.getByRole('button', { name: 'collector.yaml', exact: true }).click();
    await page.waitForFunction(() =>
      document.querySelector('[aria-label=Files] pre')?.textContent?.includes('http.route'),
    );
    const file = () => page.locator('[aria-label=Files] pre').first().textContent();
    t.match(await file(), /name: errors.*name: slow.*key: http\.route/s);
    t.match(await shownText(first), /^suggested, Collector\s+[1-5]?\d{1,2} \(.*\s0 of 1\s/s);

    await page.getByLabel('Keep all errors').uncheck();
    await page.waitForURL((url) => url.searchParams.get('errors') === 'no');
    await choose(page.getByLabel('Keep all slower than'), '');
    await page.waitForURL((url) => url.searchParams.get('slower') === 'no');
    await page.waitForFunction(
      () => !document.querySelector('[aria-label=Files] pre')?.textContent?.includes('name: slow'),
    );
    t.notMatch(await file(), 'name: errors');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy collector.yaml' }).press('Enter');
    await page.getByText('Copied').waitFor();
    t.equal(await page.evaluate(() => navigator.clipboard.readText()), await file());
    await page.getByRole('radio', { name: 'Refinery' }).check();
    await page.waitForFunction(() =>
      document.querySelector('[aria-label=Files] pre')?.textContent?.includes('RulesBasedSampler'),
    );
    await eachLook(page, async ({ width }, look) => {
      t.same(await violations(), [], look);
      t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
    });
    t.same(problems, []);
  },
);

t.test('a cause that loses traces has a row with its figures, which leads to it', async (t) => {
  const { page, origin, problems } = await openPage(t, {
    path: false,
    fill: (store) => storeSpans(store, traffic()),
  });
  const cause = { id: 'c1', rule: 'error', sentence: 'no shoes are left', routes: ['GET /rare'] };
  await page.route('**/api/sample', async (asked) => {
    const response = await asked.fetch();
    const report = await response.json();
    report.trials[0].lost.causes = [{ ...cause, traces: 5, lost: 3, gone: 0 }];
    await asked.fulfill({ response, json: report });
  });
  await page.goto(`${origin}/sampling`);
  const causes = page.locator('.card', {
    has: page.getByRole('heading', { name: 'suggested, Collector: no cause is lost' }),
  });
  await causes.waitFor();
  t.same(await causes.getByRole('columnheader').allTextContents(), [
    'Dropped',
    'Of',
    'Found',
    'Cause that loses traces',
  ]);
  const link = causes.getByRole('link', { name: 'no shoes are left on GET /rare' });
  t.match(await link.getAttribute('href'), /^\/cause\/c1/);
  t.same(problems, []);
});

t.test('a time without traffic says so', async (t) => {
  const { page, problems } = await openPage(t, { path: '/sampling?last=60' });
  await page.getByText('No traces in this time').waitFor();
  t.same(problems, []);
});
