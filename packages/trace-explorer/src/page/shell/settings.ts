import type { PageSettings } from '../../shared/page-settings.ts';

/** What the server told the page in its HTML. */
export const settings: PageSettings = JSON.parse(
  document.querySelector('meta[name="explorer-settings"]')?.getAttribute('content') ?? '{}',
);
