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
