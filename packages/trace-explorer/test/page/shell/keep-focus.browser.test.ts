import type { Page } from 'playwright-core';
import t from 'tap';
import { openPage } from '../browser.ts';
import { storeHomeTrace } from '../trace-fixtures.ts';
import { sendTraffic } from '../traffic.ts';

let traceId = '';
const { page, origin, problems } = await openPage(t, {
  path: '/map',
  async fill(store) {
    await sendTraffic(store, { traces: 40 });
    ({ traceId } = await storeHomeTrace(store));
    await storeHomeTrace(store);
  },
});

/** What has the focus, in the words of its label. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return 'nothing';
    return element.getAttribute('aria-label') || element.textContent || element.tagName;
  });

async function press(name: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name }).first();
  await button.focus();
  await page.keyboard.press('Enter');
  await button.waitFor({ state: 'detached' });
}

t.test('what is removed with the focus hands it to its neighbour', async (t) => {
  await page.goto(`${origin}/logs?where=user.id%253Dada,user.id%253Dworf`);
  await press('Remove user.id=ada');
  t.equal(await focused(page), 'Remove user.id=worf', 'the next one');

  await page.goto(`${origin}/traces?last=3600&service=user-lookup`);
  await page.locator('.trace-link').first().waitFor();
  await press('✕ All filters');
  t.equal(await page.evaluate(() => document.activeElement?.closest('form')?.ariaLabel), 'Filters');

  await page.goto(`${origin}/trace/${traceId}?range=2-20`);
  await press('✕ Zoom');
  t.equal(await focused(page), 'Critical path', 'the last one goes to the one before');
  t.same(problems, []);
});

t.test('closing what lies over the page, or beside it, gives the focus back', async (t) => {
  await page.goto(`${origin}/trace/${traceId}`);
  await page.locator('.span-row').first().waitFor();
  await page.getByRole('button', { name: 'Compare …' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.compare-choice').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Stop comparing/ }).waitFor();
  t.match(await focused(page), 'Stop comparing');
  t.same(problems, []);
});

t.test('one trace of a list after the other: the focus stays where a person goes on', async (t) => {
  await page.goto(`${origin}/traces?name=GET+%2Fapi%2Factivities%2Fhome&service=web`);
  await page.locator('.trace-link').first().click();
  const isAt = (place: string) => page.getByText(place, { exact: true }).waitFor();
  const isShown = () => page.locator('.span-row').first().waitFor();
  await isAt('1 of 2');
  const next = page.getByRole('button', { name: 'Next trace of the list' });
  await next.focus();
  await page.keyboard.press('Enter');
  await isAt('2 of 2');
  await isShown();
  t.equal(await focused(page), 'Next trace of the list', 'at the end, too, where it does nothing more');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+Tab');
  t.equal(await focused(page), 'Previous trace of the list');
  await page.keyboard.press('Enter');
  await isAt('1 of 2');
  await isShown();
  t.equal(await focused(page), 'Previous trace of the list');

  await page.locator('[role="treegrid"]').focus();
  await page.keyboard.press('J');
  await isAt('2 of 2');
  await isShown();
  t.equal(await page.evaluate(() => document.activeElement?.role), 'treegrid', 'from tree to tree');

  await page.setViewportSize({ width: 1600, height: 800 });
  const links = page.getByRole('navigation', { name: 'The list of traces' }).getByRole('link');
  await links.first().focus();
  await page.keyboard.press('Enter');
  await isAt('1 of 2');
  await isShown();
  t.ok(await links.first().evaluate((link) => link === document.activeElement), 'a link of the list');
  await page.setViewportSize({ width: 1280, height: 800 });
  t.same(problems, []);
});

t.test('who has left an element is not called back when it is removed', async (t) => {
  await page.goto(`${origin}/trace/${traceId}?range=2-20`);
  const button = page.getByRole('button', { name: '✕ Zoom' });
  await button.focus();
  await page.mouse.click(640, 20);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await page.keyboard.press('0');
  await button.waitFor({ state: 'detached' });
  t.equal(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
  t.same(problems, []);
});
