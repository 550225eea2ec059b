import { isLoopbackHost } from '../../../../lib/text/loopback.ts';
import { say } from './say.ts';

/** Milliseconds for the question to another port. */
const PROBE_LIMIT_MS = 2000;

/** Answers of other ports, by origin and credentials. */
const answers = new Map<string, boolean | Promise<boolean>>();

/**
 * Whether a request may carry `traceparent`: to the page's own origin always, to localhost on another port when that server's CORS
 * allows the header, elsewhere never. The first request to another port waits for the answer. Otherwise the browser would refuse a
 * request that succeeds without the header.
 */
export function takesTraceparent(url: URL, credentials: RequestCredentials): boolean | Promise<boolean> {
  if (url.origin === location.origin) return true;
  if (!isLoopbackHost(url.hostname)) return false;
  const key = `${url.origin} ${credentials}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = probe(url, credentials);
  answers.set(key, answer);
  answer.then((isAllowed) => answers.set(key, isAllowed));
  return answer;
}

/** The page's own `fetch`, which makes no span. */
const { fetch } = window;

/** Asks for the head of the answer, with a context that is not sampled: servers make no span of it. */
async function probe(url: URL, credentials: RequestCredentials): Promise<boolean> {
  try {
    await fetch(url, {
      method: 'HEAD',
      credentials,
      headers: { traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-00` },
      signal: AbortSignal.timeout(PROBE_LIMIT_MS),
    });
    return true;
  } catch {
    say(
      `${url.origin} does not allow this page to send traceparent, so its spans are in traces of their own. Its CORS needs the allowed header traceparent.`,
    );
    return false;
  }
}
