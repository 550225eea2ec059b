import type { Locator, Page } from 'playwright-core';
import { until } from '../../../../test/helpers/until.ts';

/** Waits until an element, or one within it, has the focus: a page may move the focus some frames after a key. */
export async function hasFocus(element: Locator): Promise<true> {
  await element.and(element.page().locator(':focus-within')).waitFor({ state: 'attached' });
  return true;
}

/** Waits until the element with the focus has these words as its label. */
export async function hasFocusOn(page: Page, words: string): Promise<void> {
  let last = '';
  const look = async () => {
    last = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return 'nothing';
      return element.getAttribute('aria-label') || element.textContent || element.tagName;
    });
    return last === words;
  };
  await until(look, { what: () => `the focus on “${words}”: it is on “${last}”`, limitMs: 30_000 });
}
