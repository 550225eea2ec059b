import { cspHash } from '../lib/node/csp-hash.ts';
import { tokens } from '../lib/node/tokens.ts';
import { escapeHtml } from '../lib/text/escape-html.ts';
import { htmlDocument, themeOf } from '../lib/text/html-document.ts';

/** The page's own files need the token, so plain pages have the tokens of the look in a style of their own. */
const STYLE = `${tokens}
* { box-sizing: border-box }
body { margin: 0; background: var(--canvas); color: var(--ink); font: var(--t-13) }
main { width: min(360px, calc(100vw - 24px)); margin: 12vh auto 0; padding: var(--s5); background: var(--surface); border: 1px solid var(--line); border-radius: var(--r3); box-shadow: var(--shadow) }
main > svg { display: block; margin-bottom: var(--s3) }
h1, p { margin: 0 0 var(--s3) }
h1 { font: var(--t-20) }
form { display: grid; gap: var(--s2) }
label { color: var(--ink2) }
code { font-family: var(--mono); font-size: var(--size-12) }
input, button { appearance: none; font: inherit; min-height: 2rem; padding: 0 10px; border: 1px solid var(--edge); border-radius: var(--r2) }
input { background: var(--surface); color: inherit }
button { background: var(--ink); border-color: transparent; color: var(--on-ink); cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
a { color: inherit; text-underline-offset: 3px }
[role="alert"] { padding: var(--s2) var(--s3); border-radius: var(--r2); background: var(--err-bg) }
`;

/** The mark of the page. */
const MARK =
  '<svg width="20" height="20" viewBox="0 0 20 20" role="img" aria-label="Tandem"><rect x="1" y="4" width="12" height="5" rx="2.5" fill="currentColor"/><rect x="7" y="11" width="12" height="5" rx="2.5" fill="var(--accent)"/></svg>';

/** The policy of plain pages: their own form, and their one style. */
export const PLAIN_POLICY = `default-src 'none';style-src ${cspHash(STYLE)};form-action 'self';base-uri 'none';frame-ancestors 'none'`;

/**
 * An HTML page without scripts, for a person without access to the explorer's page.
 * @param main HTML
 * @param cookies of the request: they have the theme that the person chose
 */
export function renderPlainPage(title: string, main: string, cookies: string | undefined): string {
  return htmlDocument({
    title: `Tandem explorer: ${title}`,
    head: `<style>${STYLE}</style>`,
    body: `<main>\n${MARK}\n${main}\n</main>`,
    theme: themeOf(cookies),
  });
}

/** The page at an address that has none, with the way to one that has. */
export function renderNotFound(title: string, detail: string, cookies: string | undefined): string {
  const main = `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(detail)}</p>\n<p><a href="/">Overview</a></p>`;
  return renderPlainPage(title, main, cookies);
}

/** The page of a refused request: the fault, and what to do. */
export function renderRefusal(title: string, detail: string, cookies: string | undefined): string {
  const main = `<h1>${escapeHtml(title)}</h1>\n<p role="alert">${escapeHtml(detail)}</p>`;
  return renderPlainPage(title, main, cookies);
}
