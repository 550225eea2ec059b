import { cspHash } from '../http/csp-hash.ts';
import { escapeHtml } from '../http/escape-html.ts';

/** The colours and sizes of `page/shell/theme.css`. The page's own files need the token, so the login page has a copy. */
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

/** The login page's policy: its own form, and its one style. */
export const LOGIN_POLICY = `default-src 'none';style-src ${cspHash(STYLE)};form-action 'self';base-uri 'none';frame-ancestors 'none'`;

/**
 * The login page, which asks for EXPLORER_TOKEN: plain HTML, no script.
 * @param path the path to open after the login
 * @param isWrong whether a wrong token was given
 */
export function renderLogin(path: string, isWrong: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tandem explorer: log in</title>
<style>${STYLE}</style>
</head>
<body>
<header>Tandem</header>
<main>
<h1>Log in to the trace explorer</h1>
${isWrong ? WRONG : ''}
<form method="post" action="/login">
<input type="hidden" name="path" value="${escapeHtml(path)}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" aria-describedby="about" required autofocus>
<p id="about">The value of <code>EXPLORER_TOKEN</code> that the explorer was started with.</p>
<button>Log in</button>
</form>
</main>
</body>
</html>
`;
}

const WRONG =
  '<p role="alert">That is not the token. Copy the value of <code>EXPLORER_TOKEN</code> from where the explorer is started, without quotes around it. A changed token counts after a restart.</p>';
