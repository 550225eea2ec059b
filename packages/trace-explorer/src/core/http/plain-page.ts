import { cspHash } from './csp-hash.ts';
import { escapeHtml } from './escape-html.ts';
import { htmlDocument } from './html-document.ts';

/** The colours and sizes of `page/shell/theme.css`. The page's own files need the token, so plain pages have a copy. */
const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #14171b);
  --line: light-dark(#dadee3, #323941);
  --line-strong: light-dark(#8a939e, #6d7884);
  --text: light-dark(#1b1f24, #e5e8eb);
  --accent: light-dark(#0b5cad, #74b5ff);
  --on-accent: light-dark(#ffffff, #0d1117);
  --error: light-dark(#b3261e, #ff8f85);
  --error-ground: light-dark(#fdecea, #3a1d1b);
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 0.8125rem / 1.25rem system-ui, -apple-system, "Segoe UI", sans-serif }
header { display: flex; align-items: center; min-height: 40px; padding: 0 16px; border-bottom: 1px solid var(--line); font-weight: 700 }
main { max-width: 24rem; margin: 48px auto; padding: 0 16px }
h1, p { margin: 0 0 12px }
h1 { font-size: 1.125rem }
form { display: grid; gap: 8px }
label { font-weight: 600 }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.75rem }
input, button { font: inherit; min-height: 2rem; padding: 1px 8px; border: 1px solid var(--line-strong); border-radius: 4px }
input { background: var(--ground); color: inherit }
button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
[role="alert"] { padding: 8px 12px; border-left: 3px solid var(--error); background: var(--error-ground) }
`;

/** The policy of plain pages: their own form, and their one style. */
export const PLAIN_POLICY = `default-src 'none';style-src ${cspHash(STYLE)};form-action 'self';base-uri 'none';frame-ancestors 'none'`;

/** An HTML page without scripts, for a person without access to the explorer's page. @param main HTML */
export function renderPlainPage(title: string, main: string): string {
  return htmlDocument({
    title: `Tandem explorer: ${title}`,
    head: `<style>${STYLE}</style>`,
    body: `<header>Tandem</header>\n<main>\n${main}\n</main>`,
  });
}

/** The page of a refused request: the fault, and what to do. */
export function renderRefusal(title: string, detail: string): string {
  return renderPlainPage(title, `<h1>${escapeHtml(title)}</h1>\n<p role="alert">${escapeHtml(detail)}</p>`);
}
