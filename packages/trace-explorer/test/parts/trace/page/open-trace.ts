import type { OpenPage, OpenPageOptions, WindowOptions } from '../../../page/browser.ts';
import { openPage } from '../../../page/browser.ts';
import { choose } from '../../../page/choose.ts';
import type { HomeTraceOptions } from '../../../page/trace-fixtures.ts';
import { storeHomeTrace } from '../../../page/trace-fixtures.ts';

type Test = Parameters<typeof openPage>[0];

export interface ShowTraceOptions extends WindowOptions {
  /** Of the trace's URL. */
  readonly query?: string;
  readonly trace?: HomeTraceOptions;
}

/** The page on a trace of the home feed. */
export async function openTrace(t: Test, options: OpenPageOptions & ShowTraceOptions = {}) {
  const open = await openPage(t, { ...options, path: false });
  return { ...open, ...(await showTrace(open, options)) };
}

/** Chooses how spans are drawn, behind one button. */
export async function chooseDrawn(
  { page }: Pick<OpenPage, 'page'>,
  label: string,
  value: string,
): Promise<void> {
  await page.getByRole('button', { name: 'Colours, columns …' }).click();
  await choose(page.getByRole('combobox', { name: label }), value);
  await page.keyboard.press('Escape');
}

/** Stores a new trace of the home feed, and shows it on a page that several tests share. */
export async function showTrace({ page, store, origin, visit }: OpenPage, options: ShowTraceOptions = {}) {
  const { query = '', trace = {}, ...window } = options;
  const { traceId, ids } = await storeHomeTrace(store, trace);
  const isShown = () => page.locator('.span-row').first().waitFor();
  await visit(`/trace/${traceId}${query}`, window);
  await isShown();
  const goto = async (search: string) => {
    await page.goto(`${origin}/trace/${traceId}${search}`);
    await isShown();
  };
  return { traceId, ids, goto };
}
