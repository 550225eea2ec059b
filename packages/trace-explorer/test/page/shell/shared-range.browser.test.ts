import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { openPage } from '../browser.ts';
import { chooseTime, shownTime } from '../choose.ts';
import { shownText } from '../trace-fixtures.ts';
import { sendTraffic } from '../traffic.ts';

const { page, origin, problems, violations } = await openPage(t, {
  path: false,
  fill: (store) => sendTraffic(store, { traces: 120, seconds: 1100 }),
});
const view = (name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true });
/** What the choice of a time says. */
const shown = () => shownTime(page);

t.test('overview, traces, logs and map keep one time range, and each says which', async (t) => {
  await page.goto(origin);
  await page.locator('.overview-totals').waitFor();
  await chooseTime(page, 'Last 10 minutes');
  for (const name of ['Traces', 'Map', 'Logs', 'Overview']) {
    await view(name).click();
    await page.locator(`nav a[aria-current=page]`, { hasText: name }).waitFor();
    t.equal(await shown(), 'Last 10 minutes', name);
  }
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Sampling' }).click();
  await page.waitForURL('**/sampling?**');
  t.equal(await shown(), 'Last 10 minutes', 'a view of the menu behind ⋯');
  await page.goto(origin);
  await page.locator('.overview-totals').waitFor();
  await view('Traces').click();
  await page.locator('.trace-link').first().waitFor();
  t.equal(await shown(), 'Last hour', 'the range of the overview without a choice');
  await chooseTime(page, 'Any time');
  await view('Logs').click();
  await page.waitForURL(`${origin}/logs`);
  t.equal(await shown(), 'Any time');
  await view('Map').click();
  await page.waitForURL(`${origin}/map`);
  t.equal(await shown(), 'Last hour', 'a map of any time would be none');
  t.same(problems, []);
});

t.test(
  'a marked stretch goes along, also past a view without a range, until another time is chosen',
  async (t) => {
    const end = Math.floor(Date.now() / 1000) - 300;
    const start = end - 120;
    await page.goto(`${origin}/?start=${start}&end=${end}`);
    await page.locator('.overview-totals').waitFor();
    const stretch = await shown();
    t.match(stretch, /\d\d:\d\d:\d\d.* – .*\d\d:\d\d:\d\d/);
    const requests = await shownText(page.locator('.overview-totals li').first());
    await view('Traces').click();
    await page.locator('.trace-link').first().waitFor();
    t.equal(await shown(), stretch);
    t.equal(new URL(page.url()).search, `?start_time=${start}&end_time=${end}`);
    t.match(requests, /\d/);
    const starts = await page
      .locator('tbody time')
      .evaluateAll((all) => all.map((each) => Date.parse(each.getAttribute('datetime') ?? '') / 1000));
    t.ok(starts.length > 0 && starts.every((at) => at >= start && at <= end));
    await page.locator('.trace-link').first().click();
    await page.locator('.span-row').first().waitFor();
    for (const name of ['Map', 'Logs', 'Overview']) {
      await view(name).click();
      await page.waitForURL(`**/*start=${start}&end=${end}`);
      t.equal(await shown(), stretch, name);
    }
    await page.locator('.overview-totals a[href^="/map"]').click();
    await page.waitForURL(`**/map?start=${start}&end=${end}`);
    if (IS_NIGHT) t.same(await violations(), []);
    await chooseTime(page, 'Last 30 minutes');
    await page.waitForURL(`${origin}/map?last=1800`);
    t.same(problems, []);
  },
);

atNight(t).test('by keyboard: the stretch of the overview goes along', async (t) => {
  await page.goto(`${origin}/?last=1800`);
  const chart = page.getByRole('application', { name: /^Requests over time/ });
  await chart.focus();
  for (const key of ['ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Enter'])
    await page.keyboard.press(key);
  await page.waitForURL('**/?last=1800&start=*&end=*');
  const stretch = await shown();
  await view('Traces').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/traces?start_time=*&end_time=*');
  t.equal(await shown(), stretch);
  t.same(problems, []);
});

/** Whether a URL's query looks back by this many seconds. */
const asksBack = (seconds: number) => (url: URL) =>
  JSON.parse(url.searchParams.get('query') ?? '{}').time_range === seconds;

atNight(t).test('Query and Go to take the range of the view before them', async (t) => {
  await page.goto(`${origin}/?last=86400`);
  await page.locator('.overview-totals').waitFor();
  await view('Query').click();
  await page.waitForURL(asksBack(86_400));
  await page.goto(`${origin}/traces?last=600`);
  const link = await page.locator('.trace-link').first().getAttribute('href');
  const beginning = /\/trace\/([0-9a-f]{8})/.exec(link ?? '')?.[1];
  await page.keyboard.press('g');
  const box = page.getByRole('combobox', { name: 'Trace, link, service, route or query' });
  await box.fill('activities-api');
  await page.getByRole('option', { name: /^activities-api.*its traces/ }).click();
  await page.waitForURL(/\/traces\?(?=.*service=activities-api)(?=.*last=600)/);
  await page.keyboard.press('g');
  await box.fill(beginning ?? '');
  await page.getByRole('option', { name: new RegExp(`^Trace ${beginning}`) }).click();
  await page.waitForURL(`**/trace/${beginning}*`);
  t.same(problems, []);
});
