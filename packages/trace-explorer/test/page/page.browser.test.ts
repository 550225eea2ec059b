import t from 'tap';
import { openPage } from './browser.ts';

t.test('every view is a link: it loads by its URL, and back and forward lead through them', async (t) => {
  const { page, problems } = await openPage(t, { path: '/map' });
  await page.locator('nav a[aria-current=page]', { hasText: 'Map' }).waitFor();
  await page.locator('nav a', { hasText: 'Traces' }).click();
  await page.waitForURL('**/traces');
  await page.locator('nav a[aria-current=page]', { hasText: 'Traces' }).waitFor();
  await page.goBack();
  await page.locator('nav a[aria-current=page]', { hasText: 'Map' }).waitFor();
  t.match(await page.title(), 'Map');
  await page.goForward();
  await page.locator('nav a[aria-current=page]', { hasText: 'Traces' }).waitFor();
  t.same(problems, []);
});

t.test('a part whose code cannot be loaded says so, and can be tried again', async (t) => {
  const { page } = await openPage(t, { path: '/traces' });
  await page.getByText('No traces yet').waitFor();
  await page.route('**/assets/*', (route) => route.abort());
  await page.keyboard.press('g');
  const alert = page.getByRole('alert');
  await alert.getByText('The explorer does not answer, or is a newer one: then reload the page.').waitFor();
  await page.unroute('**/assets/*');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('combobox', { name: /^Trace, link/ }).waitFor();
  t.equal(await alert.count(), 0);
});
