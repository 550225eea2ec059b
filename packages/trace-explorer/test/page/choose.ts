import type { Locator } from 'playwright-core';

/** Chooses from a list as a person does. @param value of the option, or else its text */
export async function choose(control: Locator, value: string): Promise<void> {
  await control.click();
  const list = control.page().locator('.select-list:popover-open');
  const byValue = list.locator(`[role=option][data-value="${value}"]`);
  const option = byValue.or(list.getByRole('option', { name: value, exact: true }));
  await option.first().click();
  await list.waitFor({ state: 'hidden' });
}
