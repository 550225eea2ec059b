import { TYPED } from '../call.ts';
import { escapeHtml } from '../http/escape-html.ts';
import { firstRead } from '../places/first-read.ts';
import type { Place } from '../places/place.ts';
import type { PageSettings } from '../shared/page-settings.ts';
import type { Bundle } from './build-page.ts';

/** The HTML of a place: names of files, the first request of its view, and settings. Nothing is inline. */
export function renderShell(bundle: Bundle, place: Place, settings: PageSettings): string {
  const read = firstRead(place);
  const preloads = [
    // The link has the attributes of a plain `fetch`, so that the page's `fetch` uses its answer.
    ...(read === undefined ? [] : [`<link rel="preload" as="fetch" crossorigin href="${escapeHtml(read)}">`]),
    ...bundle
      .preloads(place.view)
      .map((name) => `<link rel="modulepreload" href="/assets/${escapeHtml(name)}">`),
  ].join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="explorer-settings" content="${escapeHtml(JSON.stringify(settings))}">
<title>Tandem explorer</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/assets/${escapeHtml(bundle.styles)}">
${preloads}
<script type="module" src="/assets/${escapeHtml(bundle.script)}"></script>
</head>
<body>
<div id="root"></div>
<noscript>The explorer needs JavaScript. Without it, <code>${escapeHtml(TYPED)} trace</code> shows traces in a terminal.</noscript>
</body>
</html>
`;
}

/** Two bars, one within the other, for a span and its child. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect y="3" width="16" height="4" fill="#0072b2"/><rect x="4" y="9" width="9" height="4" fill="#e69f00"/></svg>',
)}`;
