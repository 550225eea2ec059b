import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { openPage } from '../browser.ts';
import { sendTraffic } from '../traffic.ts';

const { page, problems, visit } = await openPage(t, {
  path: false,
  fill: (store) => sendTraffic(store, { traces: 120 }),
});
const focused = () => page.evaluate(() => document.activeElement?.getAttribute('href') ?? '');

t.test('the first cause is two keys away', async (t) => {
  await visit('/');
  const first = page.locator('main [href^="/cause/"]').first();
  await first.waitFor();
  const href = await first.getAttribute('href');
  await page.keyboard.press('Tab');
  t.match(await page.evaluate(() => document.activeElement?.textContent), 'Skip to what is wrong');
  await page.keyboard.press('Enter');
  t.equal(await focused(), href);
  await visit('/');
  await first.waitFor();
  await page.keyboard.press('j');
  t.equal(await focused(), href, 'or one: j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/cause/**');
  t.same(problems, []);
});

t.test('in a list j and k go from row to row, Enter opens it, ? shows the keys', async (t) => {
  await visit('/traces');
  const links = page.locator('.trace-link');
  await links.nth(2).waitFor();
  for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
  const row = await page.evaluate(() =>
    [...document.querySelectorAll('main tbody tr')].findIndex((each) =>
      each.contains(document.activeElement),
    ),
  );
  t.equal(row, 1);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('the next and the previous row').waitFor();
  await page.keyboard.press('Escape');
  t.same(problems, []);
});

t.test('the theme is chosen by keys, and Escape leads back to the button', async (t) => {
  await visit('/map');
  await page.locator('main h1').waitFor();
  const isFocused = (element: ReturnType<typeof page.locator>) =>
    until(() => element.evaluate((each) => each === document.activeElement));
  const more = page.getByRole('button', { name: 'More', exact: true });
  await more.focus();
  await page.keyboard.press('Enter');
  const link = page.getByRole('menuitem', { name: 'Copy link' });
  await isFocused(link);
  await page.keyboard.press('Shift+Tab');
  await isFocused(page.getByRole('radio', { name: 'System' }));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await isFocused(page.getByRole('radio', { name: 'Dark' }));
  t.ok(await page.getByRole('radio', { name: 'Dark' }).isChecked());
  await page.keyboard.press('Tab');
  await isFocused(link);
  await page.keyboard.press('Escape');
  await isFocused(more);
  t.same(problems, []);
});

t.test('what people type leads to the views that are in no menu', async (t) => {
  await visit('/map');
  await page.locator('main h1').waitFor();
  for (const [typed, found] of [
    ['verify', 'Verify'],
    ['telemetry', 'Verify'],
    ['score', 'Verify'],
    ['sampling', 'Sampling'],
    ['cost', 'Sampling'],
    ['pipeline', 'Pipeline'],
    ['collector', 'Pipeline'],
    ['service map', 'Map'],
    ['dependencies', 'Map'],
  ] as const) {
    const box = page.getByRole('combobox', { name: /^Trace, link/ });
    // A view that is still read takes the focus when it comes, and a key before that is nobody's.
    await until(async () => {
      await page.keyboard.press('g');
      return box.isVisible();
    });
    await box.fill(typed);
    await page
      .getByRole('option', { name: new RegExp(`^${found} `) })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  t.same(problems, []);
});
