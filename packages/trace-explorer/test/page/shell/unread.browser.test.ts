import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { openPage } from '../browser.ts';
import { chooseTime, shownTime } from '../choose.ts';
import { lookFaults } from '../look-faults.ts';
import { sendTraffic } from '../traffic.ts';

// At night too: what axe finds.
const { page, origin, problems, violations, visit } = await openPage(t, {
  path: false,
  fill: (store) => sendTraffic(store, { traces: 20, seconds: 600 }),
});
const said = page.locator('.unread');

t.test('what of an address is not read is said above the view, until it is mended', async (t) => {
  await visit('/?last=abc');
  await said
    .getByText('last=abc is not a time: last takes seconds, such as last=3600. The last hour is shown.')
    .waitFor();
  t.equal(await shownTime(page), 'Last hour');
  await chooseTime(page, 'Last 10 minutes');
  await said.waitFor({ state: 'detached' });
  t.equal(new URL(page.url()).search, '?last=600');
  await page.goto(`${origin}/traces?min=abc`);
  await said.getByText('min=abc is left out: this view takes cause,').waitFor();
  await page.locator('nav a', { hasText: 'Logs' }).click();
  await page.waitForURL('**/logs*');
  await said.waitFor({ state: 'detached' });
  await page.goto(`${origin}/logs?level=zzz`);
  await said
    .getByText('level=zzz is left out: level takes trace, debug, info, warn, error or fatal.')
    .waitFor();
  t.same(problems, []);
});

t.test('a service that has sent nothing is said, with links to those that have', async (t) => {
  await visit('/service/nobody');
  await said.getByText('Nothing stored is of service nobody. Known:').waitFor();
  await said.getByRole('link', { name: 'activities-api' }).click();
  await page.waitForURL('**/service/activities-api');
  await page.locator('.overview-totals').waitFor();
  t.equal(await said.count(), 0);
  t.same(problems, []);
});

t.test('no link of a view has what is not read', async (t) => {
  const seen = new Set<string>();
  for (const path of [
    '/',
    '/service/activities-api',
    '/traces',
    '/map',
    '/logs',
    '/verify',
    '/sampling',
    '/?last=600',
  ]) {
    await visit(path);
    await page.locator('#view > *').first().waitFor();
    await page.waitForLoadState('networkidle').catch(() => {});
    for (const link of await page.locator('main a[href^="/"]').all()) {
      const href = (await link.getAttribute('href')) ?? '';
      const { pathname, searchParams } = new URL(href, origin);
      const kind = `${pathname.split('/')[1]} ${[...searchParams.keys()].sort()}`;
      if (!seen.has(kind)) seen.add(kind).add(href);
    }
  }
  const hrefs = [...seen].filter((each) => each.startsWith('/'));
  t.ok(hrefs.length > 5, `${hrefs.length}`);
  for (const href of hrefs) {
    await page.goto(origin + href);
    await page.locator('#view > *').first().waitFor();
    await page.waitForLoadState('networkidle').catch(() => {});
    t.same(await said.allInnerTexts(), [], href);
  }
});

const LOOKS = [
  ['light', 1280],
  ['dark', 1280],
  ['light', 400],
  ['dark', 400],
] as const;

for (const [colorScheme, width] of LOOKS)
  t.test(`it is whole: ${colorScheme}, ${width} pixels`, async (t) => {
    for (const path of ['/?last=abc&min=1', '/logs?level=zzz', '/service/nobody']) {
      await visit(path, { colorScheme, width });
      await said.first().waitFor();
      t.same(await lookFaults(page), [], path);
      if (IS_NIGHT) t.same(await violations(), [], path);
      const { left, right } = await said.first().evaluate((each) => each.getBoundingClientRect().toJSON());
      t.ok(left >= 0 && right <= width, path);
    }
  });
