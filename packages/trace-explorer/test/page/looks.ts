import type { Page } from 'playwright-core';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';

/** A theme, and the width of the window in pixels. */
export interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
}

/** By day the last look only: all other tests have the first. */
const LOOKS: readonly Look[] = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 400 },
  { colorScheme: 'dark', width: 400 },
];

/** Shows the page in one look after the other, the last of them dark and 400 pixels wide. */
export async function eachLook(page: Page, see: (look: Look, name: string) => Promise<void>): Promise<void> {
  for (const look of IS_NIGHT ? LOOKS : LOOKS.slice(-1)) {
    const { colorScheme, width } = look;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await see(look, `${colorScheme}, ${width} pixels`);
  }
}

/** Width of the page in pixels: more than that of the window when something sticks out. */
export function pageWidth(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}
