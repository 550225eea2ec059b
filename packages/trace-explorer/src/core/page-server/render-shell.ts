import { escapeHtml } from '../../lib/text/escape-html.ts';
import { htmlDocument } from '../../lib/text/html-document.ts';
import { TYPED } from '../call.ts';
import type { FirstReads } from '../places/first-reads.ts';
import type { PageSettings } from '../places/page-settings.ts';
import type { Place } from '../places/place.ts';
import type { Bundle } from './build-page.ts';

/** The fonts that every view needs: those of other letters are loaded when a text has them. */
const isFirstFont = (name: string) => name.includes('-latin-wght-') && name.endsWith('.woff2');

/** The HTML of an address: names of files, the first request of its view, and settings. Nothing is inline. */
export function renderShell(
  bundle: Bundle,
  place: Place | undefined,
  settings: PageSettings,
  firstReads: FirstReads,
  theme?: 'light' | 'dark',
): string {
  const read = place && firstReads[place.view]?.(place);
  const preloads = [
    // The link has the attributes of a plain `fetch`, so that the page's `fetch` uses its answer.
    ...(read === undefined ? [] : [`<link rel="preload" as="fetch" crossorigin href="${escapeHtml(read)}">`]),
    // Fonts are always fetched as from elsewhere.
    ...[...bundle.assets.keys()]
      .filter(isFirstFont)
      .map(
        (name) =>
          `<link rel="preload" as="font" type="font/woff2" crossorigin href="/assets/${escapeHtml(name)}">`,
      ),
    ...bundle
      .preloads(place?.view ?? '')
      .map((name) => `<link rel="modulepreload" href="/assets/${escapeHtml(name)}">`),
  ].join('\n');
  const head = `${settingsElement(settings)}
<link rel="icon" href="${icon}">
${[bundle.styles, bundle.stylesOf(place?.view ?? '') ?? []]
  .flat()
  .map((name) => `<link rel="stylesheet" href="/assets/${escapeHtml(name)}">`)
  .join('\n')}
<link id="last-styles" rel="stylesheet" media="print, (forced-colors: active)" href="/assets/${escapeHtml(bundle.lastStyles)}">
${preloads}
<script type="module" src="/assets/${escapeHtml(bundle.script)}"></script>`;
  const body = `<div id="root"></div>
<noscript>The explorer needs JavaScript. Without it, <code>${escapeHtml(TYPED)} trace</code> shows traces in a terminal.</noscript>`;
  return htmlDocument({ title: 'Tandem explorer', head, body, theme });
}

/** The element that has the page's settings. */
export function settingsElement(settings: PageSettings): string {
  return `<meta name="explorer-settings" content="${escapeHtml(JSON.stringify(settings))}">`;
}

/** The mark: a span and its child. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect y="3" width="10" height="4" rx="2" fill="#8b8b85"/><rect x="6" y="9" width="10" height="4" rx="2" fill="#7a70f0"/></svg>',
)}`;
