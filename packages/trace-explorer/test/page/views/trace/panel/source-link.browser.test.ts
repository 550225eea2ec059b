import t from 'tap';
import { randomId, storeSpans } from '../../../../spans.ts';
import { openPage } from '../../../browser.ts';
import { shownText } from '../../../trace-fixtures.ts';

const traceId = randomId(16);
const source = {
  'code.file.path': '/work/a service/src/users.ts',
  'code.line.number': 12,
  'code.function.name': 'listUsers',
};
const { page, origin, problems, violations } = await openPage(t, {
  path: '/traces',
  fill: (store) =>
    storeSpans(store, [{ traceId, spanId: randomId(8), name: 'GET /users', kind: 2, attributes: source }]),
});

t.test('a span leads to the line of its source, by keyboard too', async (t) => {
  await page.goto(`${origin}/trace/${traceId}`);
  await page.locator('.span-row').first().click();
  const link = page.getByRole('link', { name: 'src/users.ts:12' });
  await link.waitFor();
  t.equal(await link.getAttribute('href'), 'vscode://file/work/a%20service/src/users.ts:12');
  t.match(await shownText(page.locator('.source-link')), 'listUsers');
  await link.focus();
  t.ok(await link.evaluate((element) => element === document.activeElement));
  t.same(await violations(), []);
  await page.emulateMedia({ colorScheme: 'dark' });
  t.same(await violations(), []);
  t.same(problems, []);
});
