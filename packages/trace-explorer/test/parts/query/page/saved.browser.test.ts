import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { temporaryDirectory } from '../../../spans.ts';
import { askFor, openQuery } from './open-query.ts';

const folder = temporaryDirectory(t);
mkdirSync(join(folder, 'queries'));
const file = (name: string) => join(folder, name);
const json = (name: string) => JSON.parse(readFileSync(file(name), 'utf8'));
const speed = 'IF(GTE($duration_ms, 300), "slow", "fast")';
writeFileSync(file('calculated-fields.json'), JSON.stringify([{ alias: 'speed', expression: speed }]));
writeFileSync(
  file('queries/by-speed.json'),
  JSON.stringify({
    breakdowns: ['speed'],
    time_range: 3600,
    filters: [{ column: 'span.kind', op: 'exists' }],
  }),
);
writeFileSync(
  file('board.json'),
  JSON.stringify({ query_annotations: { 'by-speed': { name: 'By speed', description: 'fast and slow' } } }),
);
const { asked, clause, edit, honeycomb, open, origin, page, problems, violations } = await openQuery(t, {
  explorer: { queryFolder: folder },
});
const dialog = page.getByRole('dialog', { name: 'Saved queries and calculated fields' });
const menu = page.getByRole('button', { name: 'Saved', exact: true });
const show = async () => {
  await menu.click();
  await page.getByRole('menuitem', { name: 'Saved queries and fields …' }).click();
  await dialog.getByRole('heading', { name: 'Calculated fields', exact: true }).waitFor();
};

/** What the browser asks when something is pressed, which gets this answer. */
async function answered(press: () => Promise<void>, yes: boolean): Promise<string> {
  const asked = page.waitForEvent('dialog').then(async (question) => {
    await (yes ? question.accept() : question.dismiss());
    return question.message();
  });
  const [text] = await Promise.all([asked, press()]);
  return text;
}

t.test('a saved query opens as it is, and names saved fields as it names others', async (t) => {
  await open('/');
  await show();
  const headings = await dialog.getByRole('heading', { level: 3 }).allTextContents();
  t.same(headings, ['Queries', 'Calculated fields']);
  if (IS_NIGHT) t.same(await violations(), []);
  await page.keyboard.press('Escape');
  await menu.click();
  t.match(await page.getByRole('menuitem').allTextContents(), [/^By speedsaved · fast and slow/, /./]);
  await page.getByRole('menuitem', { name: 'By speed' }).click();
  await page.getByRole('cell', { name: 'slow' }).waitFor();
  t.equal(asked().calculated_fields, undefined);
});

t.test('the box to go anywhere finds a saved query by its name', async (t) => {
  await open('/');
  await page.locator('body').press('Control+k');
  await page.getByRole('combobox', { name: /^Trace, link/ }).fill('by speed');
  await page.getByRole('option', { name: 'By speed query fast and slow' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'slow' }).waitFor();
  t.equal(asked().time_range, 3600);
});

t.test('a saved field is completed in every clause, and grouped by, filtered by and copied', async (t) => {
  await open('/');
  await edit();
  await clause('GROUP BY').focus();
  await page.keyboard.type('spe');
  await page.getByRole('option', { name: 'speed calculated', exact: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await clause('WHERE').focus();
  await page.keyboard.type('speed = ');
  await page.getByRole('option', { name: 'slow', exact: true }).waitFor();
  await page.keyboard.type('slow');
  await page.keyboard.press('Shift+Enter');
  await page.getByRole('cell', { name: 'slow' }).waitFor();
  t.match(asked(), { breakdowns: ['speed'], calculated_fields: undefined });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await honeycomb('Copy JSON');
  await page.getByText('Copied', { exact: true }).waitFor();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  t.same(copied.calculated_fields, [{ name: 'speed', expression: speed }], 'Honeycomb need not have it');
  if (IS_NIGHT) t.same(await violations(), []);
});

t.test('a broken file is reported where it is needed, and nowhere else', async (t) => {
  const before = readFileSync(file('calculated-fields.json'));
  t.teardown(() => writeFileSync(file('calculated-fields.json'), before));
  const bySpeed = origin + askFor({ breakdowns: ['speed'], time_range: 3600 });
  const alert = page.getByRole('alert');
  writeFileSync(file('calculated-fields.json'), '[{');
  await page.goto(bySpeed);
  await alert.getByText(/"speed".*calculated-fields\.json is not JSON/).waitFor();
  await open(askFor({ breakdowns: ['name'], time_range: 3600 }));
  await page.getByRole('cell').first().waitFor();
  writeFileSync(file('calculated-fields.json'), JSON.stringify([{ alias: 'speed', expression: 'IF(' }]));
  await page.goto(bySpeed);
  await alert.getByText(/calculated-fields\.json\[0\]\.expression: "speed" cannot be used/).waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
});

t.test(
  'a query is saved as its own file, by keyboard, and replaced only when that is asked for',
  async (t) => {
    const own = { name: 'double', expression: 'MUL($duration_ms, 2)' };
    const query = {
      calculations: [{ op: 'MAX', column: 'double' }],
      breakdowns: ['speed'],
      time_range: 3600,
    };
    await open(askFor({ ...query, calculated_fields: [{ name: 'speed', expression: speed }, own] }));
    const bar = page.locator('.toolbar');
    const save = bar.getByRole('button', { name: 'Save', exact: true });
    const builder = page.locator('.view-head');
    const height = async () => (await builder.boundingBox())?.height;
    const before = await height();
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Name of the query').and(page.locator(':focus')).waitFor();
    t.equal(await height(), before, 'the name adds no row');
    await page.keyboard.type('Slow: twice!');
    await page.keyboard.press('Enter');
    await bar.getByText('Saved: queries/slow-twice.json').waitFor();
    t.same(
      json('queries/slow-twice.json'),
      { ...query, calculated_fields: [own] },
      'saved fields are named only',
    );
    await page.getByRole('menuitem', { name: /^slow twice/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('menuitem').first().and(page.locator(':focus')).waitFor();
    await page.getByLabel('Name of the query').fill('By speed');
    t.equal(await answered(() => save.click(), false), 'queries/by-speed.json is there already. Replace it?');
    await bar.getByText('queries/by-speed.json is there already.').waitFor();
    t.same(json('queries/by-speed.json').breakdowns, ['speed']);
    t.equal(json('queries/by-speed.json').calculations, undefined);
    if (IS_NIGHT) t.same(await violations(), []);
    await answered(() => save.click(), true);
    await bar.getByText('Saved: queries/by-speed.json').waitFor();
    t.match(json('queries/by-speed.json'), query);
    await page.keyboard.press('Escape');
    await menu.and(page.locator(':focus')).waitFor();

    await show();
    await dialog.getByRole('button', { name: 'Save double' }).click();
    await dialog.getByRole('button', { name: 'Actions for double of calculated-fields.json' }).waitFor();
    t.match(json('calculated-fields.json'), [
      { alias: 'speed' },
      { alias: 'double', expression: own.expression },
    ]);
  },
);

t.test('nothing is deleted before the browser has asked', async (t) => {
  const remove = async () => {
    await dialog.getByRole('button', { name: 'Actions for queries/by-speed.json' }).click();
    await dialog.getByRole('menuitem', { name: 'Delete …' }).click();
  };
  t.equal(await answered(remove, false), 'Delete queries/by-speed.json for good?');
  t.ok(existsSync(file('queries/by-speed.json')));
  await answered(remove, true);
  await dialog.locator('li', { hasText: /^By speed/ }).waitFor({ state: 'detached' });
  t.notOk(existsSync(file('queries/by-speed.json')));
  t.ok(existsSync(file('queries/slow-twice.json')));
});

t.test('in the dark at 400 pixels it is legible and fits', async (t) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 400, height: 800 });
  t.same(await violations(), []);
  t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const box = await dialog.boundingBox();
  t.ok(box !== null && box.x >= 0 && box.x + box.width <= 400);
});

t.test('nothing of this left an error in the console', async (t) => {
  t.same(
    problems.filter((each) => !/409 \(Conflict\)|422 \(/u.test(each)),
    [],
  );
});
