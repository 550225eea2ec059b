import type { PageSettings } from '../../core/shared/page-settings.ts';

/** Settings that the server wrote into the page's HTML. */
export const pageSettings: PageSettings = JSON.parse(
  document.querySelector('meta[name="explorer-settings"]')?.getAttribute('content') ?? '{}',
);
