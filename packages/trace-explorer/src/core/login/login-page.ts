import { renderPlainPage } from '../../http/plain-page.ts';
import { escapeHtml } from '../../lib/text/escape-html.ts';

/**
 * The login page, which asks for EXPLORER_TOKEN: plain HTML, no script.
 * @param path the path to open after the login
 * @param isWrong whether the last token was wrong
 * @param cookies of the request
 */
export function renderLogin(path: string, isWrong: boolean, cookies: string | undefined): string {
  return renderPlainPage(
    'log in',
    `<h1>Log in to the trace explorer</h1>
${isWrong ? WRONG : ''}
<form method="post" action="/login">
<input type="hidden" name="path" value="${escapeHtml(path)}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" aria-describedby="about" required autofocus>
<p id="about">The value of <code>EXPLORER_TOKEN</code> at the explorer’s start.</p>
<button>Log in</button>
</form>`,
    cookies,
  );
}

const WRONG =
  '<p role="alert">That is not the token. Copy the value of <code>EXPLORER_TOKEN</code> from where the explorer starts, without its quotes. A changed token counts after a restart.</p>';
