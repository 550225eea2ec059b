import t from 'tap';
import { openPage } from './browser.ts';
import { storeHomeTrace } from './trace-fixtures.ts';

/** The tools of a view's bar in the order that all views have: what is shown, how it stays new, what is done with it. */
const TOOLS = [
  'Time',
  'Service',
  'Level',
  'Span name',
  'Took at least, ms',
  'Text',
  'Field = value',
  'Errors only',
  'Live',
  'Tail',
  'Refresh',
  'Copy link',
  'Import …',
];

const VIEWS: Readonly<Record<string, readonly string[]>> = {
  '/': ['Time', 'Refresh', 'Copy link'],
  '/map': ['Time', 'Refresh', 'Copy link'],
  '/sampling': ['Time', 'Refresh'],
  '/traces': [
    'Time',
    'Service',
    'Span name',
    'Took at least, ms',
    'Field = value',
    'Errors only',
    'Live',
    'Import …',
  ],
  '/logs': ['Time', 'Service', 'Level', 'Text', 'Field = value', 'Tail', 'Refresh'],
  '/logs?mode=tail': ['Time', 'Service', 'Level', 'Text', 'Field = value', 'Tail'],
};

t.test('the bars of all views have one order of tools', async (t) => {
  const { page, origin, problems } = await openPage(t, {
    path: false,
    fill: (store) => storeHomeTrace(store),
  });
  for (const [path, tools] of Object.entries(VIEWS)) {
    await page.goto(origin + path);
    const elements = await Promise.all(
      tools.map(async (name) => {
        const bar = page.getByRole('main');
        const tool = bar
          .getByLabel(new RegExp(`^\\s*${name}`))
          .or(bar.getByRole('button', { name }))
          .first();
        await tool.waitFor();
        return tool.elementHandle();
      }),
    );
    // All at one moment: the page may still grow.
    const places = await page.evaluate((found) => {
      const order = [...document.querySelectorAll('*')];
      return found.map((element) => order.indexOf(element as Element));
    }, elements);
    const placeOf = (name: string) => places[tools.indexOf(name)] ?? Number.NaN;
    const inOrder = tools.toSorted((a, b) => placeOf(a) - placeOf(b));
    t.same(
      inOrder,
      TOOLS.filter((name) => tools.includes(name)),
      path,
    );
  }
  t.same(problems, []);
});
