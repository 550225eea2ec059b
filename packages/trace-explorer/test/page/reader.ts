import type { Locator, Page } from 'playwright-core';

/** A person at the page, who counts what they do: a press of a mouse's button, or Enter on what has the focus. */
export interface Reader {
  /** Presses so far. */
  readonly presses: number;
  press(target: Locator): Promise<void>;
}

/** With the mouse. */
export function mouseReader(): Reader {
  return counting((target) => target.click());
}

/** Focus may be moved this often to reach something. */
const MAX_TABS = 120;

/** With the keyboard alone: Tab until the target has the focus, then Enter. */
export function keyboardReader(page: Page): Reader {
  return counting(async (target) => {
    await target.waitFor();
    for (let tabs = 0; tabs < MAX_TABS; tabs++) {
      // A menu that opens puts the focus on its first item.
      if (await target.evaluate((element) => element === document.activeElement)) {
        await page.keyboard.press('Enter');
        return;
      }
      await page.keyboard.press('Tab');
    }
    throw new Error(`${target} is not reached with ${MAX_TABS} presses of Tab.`);
  });
}

function counting(act: (target: Locator) => Promise<void>): Reader {
  let presses = 0;
  return {
    get presses() {
      return presses;
    },
    async press(target) {
      presses += 1;
      await act(target);
    },
  };
}
