import type { Locator, Page } from 'playwright-core';

/** Chooses from a list as a person does. @param value of the option, or else its text */
export async function choose(control: Locator, value: string): Promise<void> {
  await control.click();
  const list = control.page().locator('.select-list:popover-open');
  const byValue = list.locator(`[role=option][data-value="${value}"]`);
  const option = byValue.or(list.getByRole('option', { name: value, exact: true }));
  await option.first().click();
  await list.waitFor({ state: 'hidden' });
}

/** What the choice of a time in the bar at the top says: `Last hour`. */
export function shownTime(page: Page): Promise<string> {
  return page
    .getByRole('button', { name: /^Time: / })
    .evaluate((button) => button.textContent.replace('Time: ', ''));
}

/** Chooses a time in the bar at the top. @param text `Last 10 minutes` */
export async function chooseTime(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: /^Time: / }).click();
  const list = page.getByRole('dialog', { name: 'Time' });
  await list.getByRole('button', { name: text }).click();
  await list.waitFor({ state: 'hidden' });
}
