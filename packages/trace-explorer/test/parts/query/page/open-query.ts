import { defaultQuery } from '../../../../src/core/query/build/default-query.ts';
import { openPage } from '../../../page/browser.ts';
import { sendTraffic } from '../../../page/traffic.ts';

type Test = Parameters<typeof openPage>[0];

/** The query view over three hundred requests, with what its tests do and read again and again. */
export async function openQuery(t: Test, options: Parameters<typeof openPage>[1] = {}) {
  const opened = await openPage(t, {
    height: 1000,
    path: false,
    ...options,
    fill: (store) => sendTraffic(store, { traces: 300 }),
  });
  const { page, origin } = opened;
  const ofUrl = () => new URL(page.url()).searchParams;
  return {
    ...opened,
    /** Goes there and waits for an answer of some kind; `/` is the view without a query of its own. */
    async open(path: string) {
      await page.goto(origin + (path === '/' ? '/query' : path));
      await page.locator('.tab-list, .empty-state').first().waitFor();
    },
    ofUrl,
    /** Shows the clauses that are empty, too. */
    async edit() {
      await page.getByRole('button', { name: 'Order, limit, having, …' }).click();
    },
    /** Presses an item of the menu that has to do with Honeycomb. */
    async honeycomb(item: string) {
      await page.getByRole('button', { name: 'Honeycomb', exact: true }).click();
      await page.getByRole('menuitem', { name: item }).click();
    },
    /** The specification in the URL. */
    asked: () => JSON.parse(ofUrl().get('query') ?? 'null'),
    firstCells: () => page.locator('.data-table').first().locator('tbody tr td:first-child').allInnerTexts(),
    clause: (name: string) => page.getByRole('combobox', { name, exact: true }),
    /** Draws a box on the heatmap's grid, from point to point; each is a share of its width and height from the top left. */
    async drawBox(from: readonly [number, number], to: readonly [number, number]) {
      const bounds = await page.locator('.heatmap-grid').boundingBox();
      if (bounds === null) throw new Error('There is no heatmap.');
      const place = ([x, y]: readonly [number, number]) =>
        [bounds.x + 60 + x * (bounds.width - 170), bounds.y + 6 + y * (bounds.height - 30)] as const;
      await page.mouse.move(...place(from));
      await page.mouse.down();
      await page.mouse.move(...place(to), { steps: 4 });
      await page.mouse.up();
    },
  };
}

/** The view's query over ten minutes, which the requests fill. */
export const tenMinutes = askFor({ ...defaultQuery, time_range: 600 });

/** The path of a query. */
export function askFor(query: unknown, dataset = '__all__'): string {
  return `/query?${new URLSearchParams({ dataset, query: JSON.stringify(query) })}`;
}
