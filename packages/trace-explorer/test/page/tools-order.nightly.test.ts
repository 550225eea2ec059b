import t from 'tap';
import { openPage } from './browser.ts';
import { storeHomeTrace } from './trace-fixtures.ts';

/** Tools in the order that all views have: where to go and of which time, what is shown, how it stays new. */
const TOOLS = [
  'Go to anything',
  'Time',
  'More',
  'Span name',
  'Text',
  'Service',
  'Lowest level',
  'Took at least, ms',
  'Field = value',
  'Field',
  'Errors only',
  'Tail',
];

const BAR = ['Go to anything', 'Time', 'More'];
const VIEWS: Readonly<Record<string, readonly string[]>> = {
  '/': BAR,
  '/map': BAR,
  '/sampling': BAR,
  '/query': BAR,
  '/traces': [...BAR, 'Span name', 'Service', 'Took at least, ms', 'Field = value', 'Errors only'],
  '/logs': [...BAR, 'Text', 'Service', 'Lowest level', 'Field', 'Tail'],
  '/logs?mode=tail': [...BAR, 'Text', 'Service', 'Lowest level', 'Field', 'Tail'],
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
        const starts = new RegExp(`^\\s*${name}`);
        const bar = page.locator('.shell-tools, main form');
        const tool = bar
          .getByLabel(starts)
          .or(bar.getByRole('button', { name: starts }))
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
