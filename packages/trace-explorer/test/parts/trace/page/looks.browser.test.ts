import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { openPage } from '../../../page/browser.ts';
import { hasFocus } from '../../../page/focus.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { showTrace } from './open-trace.ts';

const open = await openPage(t, { path: false });
const { page, store, problems, violations, visit } = open;

t.test('light and dark, wide and at 400 pixels: nothing for axe to complain of', async (t) => {
  const { ids, goto } = await showTrace(open, {
    trace: { failing: true, skewMs: 700, extra: [{ name: 'orphan', parentSpanId: '1234567890abcdef' }] },
  });
  const others = ['', `?span=${ids.data}&tab=links`, `?span=${ids.users}&tab=durations`];
  const wide = [
    `?span=${ids.users}&columns=user.id&path=critical`,
    `?span=${ids.users}&tab=events&q=users`,
    `?span=${ids.users}&tab=otlp&depth=1`,
    ...(IS_NIGHT ? others : []),
  ];
  await eachLook(page, async ({ width }, look) => {
    for (const place of width === 400 ? [`?span=${ids.users}`] : wide) {
      await goto(place);
      await page.waitForTimeout(150);
      t.same(await violations(), [], `${look}: ${place}`);
      t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
    }
  });
  const sheet = await page.locator('.span-panel').boundingBox();
  t.ok(sheet !== null && sheet.y < 500 && sheet.y + sheet.height <= 801, 'the panel is in sight at once');
  await page.keyboard.press('?');
  t.same(await violations(), [], 'the list of keys');
  await page.emulateMedia({ forcedColors: 'active' });
  const bar = page.locator('.bar').first();
  const background = await bar.evaluate((element) => getComputedStyle(element).backgroundColor);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  t.not(background, ground, 'high contrast leaves the bars');
  t.same(problems, []);
});

t.test('a span leads to the line of its source, by keyboard too', async (t) => {
  const traceId = randomId(16);
  const source = {
    'code.file.path': '/work/a service/src/users.ts',
    'code.line.number': 12,
    'code.function.name': 'listUsers',
  };
  await storeSpans(store, [
    { traceId, spanId: randomId(8), name: 'GET /users', kind: 2, attributes: source },
  ]);
  await visit(`/trace/${traceId}`);
  await page.locator('.span-row').first().click();
  const link = page.getByRole('link', { name: 'src/users.ts:12' });
  await link.waitFor();
  t.equal(await link.getAttribute('href'), 'vscode://file/work/a%20service/src/users.ts:12');
  t.match(await shownText(page.locator('.source-link')), 'listUsers');
  await link.focus();
  await hasFocus(link);
  if (IS_NIGHT) t.same(await violations(), []);
  await page.emulateMedia({ colorScheme: 'dark' });
  if (IS_NIGHT) t.same(await violations(), []);
  t.same(problems, []);
});
