import t from 'tap';
import { createAccess } from '../../../src/core/serve/access.ts';
import { openPage } from '../browser.ts';
import { hasFocus } from '../focus.ts';
import { eachLook, pageWidth } from '../looks.ts';

const TOKEN = 'correct-horse-battery-staple-7';
const { page, context, origin, problems, reset, violations, visit } = await openPage(t, {
  path: false,
  explorer: { access: createAccess(TOKEN) },
});

t.test('a browser is asked for the token, learns of a wrong one, and gets where it wanted to', async (t) => {
  await visit('/traces?service=web');
  const token = page.getByLabel('Token');
  await hasFocus(token);
  await token.fill('another');
  await page.getByRole('button', { name: 'Log in' }).click();
  const alert = page.getByRole('alert');
  t.match(await alert.textContent(), /not the token.*EXPLORER_TOKEN/s, 'says what to do');

  await page.getByLabel('Token').fill(` ${TOKEN} `);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('nav a[aria-current=page]', { hasText: 'Traces' }).waitFor();
  t.equal(page.url(), `${origin}/traces?service=web`);
  await page.goto(`${origin}/map`);
  await page.locator('nav a[aria-current=page]', { hasText: 'Map' }).waitFor();
});

t.test('a session that has ended leads to the login, and back to the view', async (t) => {
  await visit('/map?last=3600');
  const logIn = async () => {
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('nav a[aria-current=page]', { hasText: 'Map' }).waitFor();
  };
  await logIn();
  await page.locator('.empty-state').waitFor();
  await context.clearCookies();
  await page.keyboard.press('r');
  await page.getByRole('alert').filter({ hasText: 'no longer logged in' }).waitFor();
  t.equal(await page.getByText('The explorer does not answer').count(), 0);
  await page.getByRole('link', { name: 'Log in again' }).click();
  await logIn();
  t.equal(page.url(), `${origin}/map?last=3600`);
  t.same(
    problems.filter((each) => !each.includes('status of 401')),
    [],
    'the console names each refused request',
  );
});

t.test('the login page is accessible, fits, and looks like the others in every theme', async (t) => {
  await reset();
  await eachLook(page, async ({ width }, name) => {
    await context.clearCookies();
    await page.goto(`${origin}/`);
    await page.getByLabel('Token').fill('another');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    t.same(await violations(), [], name);
    t.ok((await pageWidth(page)) <= width, name);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const asked = await ground();
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('.shell-header').waitFor();
    t.equal(await ground(), asked, name);
  });
});

t.test('the login, and an address without a page, have the theme that the person chose', async (t) => {
  await visit('/', { colorScheme: 'light' });
  await context.clearCookies();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.goto(`${origin}/`);
  const light = await ground();
  await context.addCookies([{ name: 'tandem-theme', value: 'dark', url: origin }]);
  await page.goto(`${origin}/`);
  await page.getByLabel('Token').waitFor();
  const dark = await ground();
  t.not(dark, light);
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('.shell-header').waitFor();
  t.equal(await ground(), dark, 'as the page behind it');
  await page.goto(`${origin}/no-such-path`);
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  t.equal(await ground(), dark);
});
