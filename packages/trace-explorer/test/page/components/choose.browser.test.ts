import t from 'tap';
import { storeSpans } from '../../spans.ts';
import { openPage } from '../browser.ts';
import { choose } from '../choose.ts';
import { hasFocus } from '../focus.ts';

const names = Array.from({ length: 12 }, (_, i) => `service-${String(i).padStart(2, '0')}`);
const { page, problems, violations, visit } = await openPage(t, {
  path: false,
  fill: (store) =>
    storeSpans(
      store,
      names.map((service) => ({ service, name: 'GET /', kind: 2 })),
    ),
});
const service = page.getByRole('combobox', { name: 'Service', exact: true });

t.test('a choice of many by keys: its filter, an arrow, Enter; Escape leaves it as it was', async (t) => {
  await visit('/traces');
  await page.locator('.trace-link').first().waitFor();
  await service.focus();
  await page.keyboard.press('ArrowDown');
  const filter = page.getByRole('combobox', { name: 'Service, filter' });
  await hasFocus(filter);
  await page.keyboard.type('service-1');
  await page.getByText('2 of 13').waitFor();
  t.same(await violations(), []);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/service=service-11/);
  t.match(await service.textContent(), /service-11/);
  await hasFocus(service);
  await page.keyboard.press('Enter');
  await hasFocus(filter);
  await page.keyboard.press('Escape');
  await filter.waitFor({ state: 'detached' });
  await hasFocus(service);
  t.match(page.url(), 'service=service-11');
  t.same(problems, []);
});

t.test('a choice of few by keys: letters and arrows, with the focus where it was', async (t) => {
  await visit('/query');
  const rows = page.getByRole('combobox', { name: 'Rows to look at' });
  await rows.focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('.select-list:popover-open').waitFor();
  await hasFocus(rows);
  await page.keyboard.press('l');
  const active = page.locator('.option.active');
  t.match(await active.textContent(), /^Log/);
  t.equal(await rows.getAttribute('aria-activedescendant'), await active.getAttribute('id'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/query=/);
  t.match(await rows.textContent(), /Log records$/);
  await choose(rows, 'spans');
  await rows.filter({ hasText: 'All spans' }).waitFor();
  t.same(problems, []);
});
