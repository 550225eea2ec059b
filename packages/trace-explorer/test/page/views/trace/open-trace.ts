import type { OpenPageOptions } from '../../browser.ts';
import { openPage } from '../../browser.ts';
import type { HomeTraceOptions, StoredTrace } from '../../trace-fixtures.ts';
import { storeHomeTrace } from '../../trace-fixtures.ts';

type Test = Parameters<typeof openPage>[0];

/** The page on a trace of the home feed. */
export async function openTrace(
  t: Test,
  { query = '', trace = {}, ...options }: OpenPageOptions & { query?: string; trace?: HomeTraceOptions } = {},
) {
  let stored: StoredTrace | undefined;
  const open = await openPage(t, {
    ...options,
    path: false,
    async fill(store) {
      stored = await storeHomeTrace(store, trace);
      await options.fill?.(store);
    },
  });
  if (stored === undefined) throw new Error('No trace was stored.');
  const { traceId, ids } = stored;
  const goto = async (search: string) => {
    await open.page.goto(`${open.origin}/trace/${traceId}${search}`);
    await open.page.locator('.span-row').first().waitFor();
  };
  await goto(query);
  return { ...open, traceId, ids, goto };
}
