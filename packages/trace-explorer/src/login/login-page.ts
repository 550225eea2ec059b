import { cspHash } from '../http/csp-hash.ts';
import { escapeHtml } from '../http/escape-html.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:4rem auto;padding:0 1rem}input,button{font:inherit;box-sizing:border-box;width:100%;padding:.5rem;margin:.25rem 0 1rem}';

/** The page's policy: its own form, and the one style that it has. */
export const LOGIN_POLICY = `default-src 'none';style-src ${cspHash(STYLE)};form-action 'self';base-uri 'none';frame-ancestors 'none'`;

/**
 * The page that asks for EXPLORER_TOKEN: plain HTML, no script.
 * @param path where to go then
 * @param isWrong whether another token was given
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
<main>
<h1>Trace explorer</h1>
${isWrong ? '<p role="alert">That is not the token.</p>' : ''}
<form method="post" action="/login">
<input type="hidden" name="path" value="${escapeHtml(path)}">
<label for="token">Token (EXPLORER_TOKEN of the explorer)</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
</form>
</main>
</body>
</html>
`;
}
