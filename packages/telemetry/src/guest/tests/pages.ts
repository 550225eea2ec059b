import type { Context } from '@opentelemetry/api';
import { propagation } from '@opentelemetry/api';
import { isLoopback } from '../../common/loopback.ts';

/** The used members of playwright-core. `_wrapApiCall` makes a call that is no step of a report. */
interface Channel {
  _wrapApiCall<R>(call: () => Promise<R>, options: { readonly internal: true }): Promise<R>;
}
interface Session extends Channel {
  on(event: 'Fetch.requestPaused', listener: (paused: Paused) => void): void;
  send(method: string, params: object): Promise<unknown>;
}
interface Browser extends Channel {
  readonly _connection?: { isRemote?(): boolean };
  browserType(): { name(): string };
  newBrowserCDPSession(): Promise<Session>;
}
interface BrowserContext {
  browser(): Browser | null;
}
interface Listener {
  runAfterCreateBrowserContext(context: BrowserContext): Promise<void>;
}

/** The used part of what playwright-core exports. */
export interface Playwright {
  readonly _instrumentation?: { addListener?(listener: Listener): void };
}

/** A request that waits in the browser. */
interface Paused {
  readonly requestId: string;
  readonly request: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

/** What people call Playwright's other browsers. */
const CALLED: Readonly<Record<string, string>> = { firefox: 'Firefox', webkit: 'WebKit' };

/** Patterns of the addresses of this machine. Each fits some others, too: `isLocal` decides. */
const PATTERNS = ['http', 'https'].flatMap((scheme) =>
  ['localhost', '*.localhost', '127.', '[::1]'].map((host) => ({ urlPattern: `${scheme}://${host}*` })),
);

/** Whether a URL is one of this machine. */
export function isLocal(url: string): boolean {
  const { hostname = '' } = URL.parse(url) ?? {};
  return isLoopback(hostname);
}

/**
 * Gives what pages of Chromium request from this machine the headers of the running attempt, unless a request has them: by a
 * session of the DevTools protocol with the browser, which sees the first request of a popup, too. No header goes to other
 * machines, and the browser's cache stays on.
 *
 * @param active the context of the running attempt; undefined between attempts
 * @param onOther is told of browsers whose requests stay as they are
 * @throws Error that says what is not there
 */
export function tracePages(
  playwright: Playwright,
  active: () => Context | undefined,
  onOther: (browsers: string) => void,
): void {
  const known = new WeakSet<Browser>();
  const listener: Listener = {
    async runAfterCreateBrowserContext(context) {
      const browser = context.browser();
      if (browser === null || known.has(browser)) return;
      known.add(browser);
      try {
        const name = browser.browserType().name();
        if (name !== 'chromium') onOther(CALLED[name] ?? name);
        else if (browser._connection?.isRemote?.() === true) onOther('remote browsers');
        else await listenIn(browser, active);
      } catch {
        onOther('Chromium'); // of another version, or it has gone
      }
    },
  };
  const { _instrumentation: instrumentation } = playwright;
  if (typeof instrumentation?.addListener !== 'function') throw new Error('it has no _instrumentation');
  instrumentation.addListener(listener);
}

async function listenIn(browser: Browser, active: () => Context | undefined): Promise<void> {
  const session = await browser._wrapApiCall(() => browser.newBrowserCDPSession(), { internal: true });
  const send = (method: string, params: object) =>
    session._wrapApiCall(() => session.send(method, params), { internal: true });
  session.on('Fetch.requestPaused', (paused) => {
    send('Fetch.continueRequest', continuing(paused, active())).catch(() => {}); // the page or the browser has gone
  });
  await send('Fetch.enable', { patterns: PATTERNS });
}

/** How a request goes on: as it is, or with the headers of an attempt. */
function continuing({ requestId, request }: Paused, context: Context | undefined): object {
  if (context === undefined || !isLocal(request.url)) return { requestId };
  const added: Record<string, string> = {};
  propagation.inject(context, added);
  const own = new Set(Object.keys(request.headers).map((name) => name.toLowerCase()));
  if (Object.keys(added).some((name) => own.has(name.toLowerCase()))) return { requestId };
  const headers = Object.entries({ ...request.headers, ...added }).map(([name, value]) => ({ name, value }));
  return { requestId, headers };
}
