import type { PageSettings } from '../../core/places/page-settings.ts';

/** Settings that the server wrote into the page's HTML. */
export const pageSettings: PageSettings = JSON.parse(
  // Tests load pages without a document.
  Object(globalThis).document?.querySelector('meta[name="explorer-settings"]')?.getAttribute('content') ??
    '{}',
);
