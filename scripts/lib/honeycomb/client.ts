import { PERMISSIONS } from './configuration-key.ts';
import type { Resource } from './definitions.ts';

const TIMEOUT_MS = 15_000;
const MAX_DETAIL = 300; // characters of an answer that stand in an error
/** Advice per status of a refusal. */
const ADVICE: Readonly<Record<number, string>> = {
  403: `. The key needs these permissions: ${PERMISSIONS}.`,
  422: '. A query can only name fields that Honeycomb has seen: send some requests first (node tandem load).',
};

/** Honeycomb's API (docs.honeycomb.io/api), with one key. */
export class HoneycombClient {
  readonly #base: string;
  readonly #key: string;

  /** @param base without a trailing slash: `https://api.honeycomb.io` */
  constructor(base: string, key: string) {
    this.#base = base;
    this.#key = key;
  }

  /**
   * The JSON of an answer.
   * @param path below `/1`
   * @throws Error with the request, the answer and advice; never with the key
   */
  async send<T = Resource>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const url = `${this.#base}/1${path}`;
    const fail = (reason: string, advice = ''): never => {
      const text = reason.replaceAll(this.#key, 'REDACTED').replaceAll(/\s+/g, ' ').slice(0, MAX_DETAIL);
      throw new Error(`${method} ${url}: ${text}${advice}`);
    };
    const response = await fetch(url, {
      method,
      headers: {
        'x-honeycomb-team': this.#key,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual', // the key goes nowhere else
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: Error) => fail(error.cause instanceof Error ? error.cause.message : error.message));
    const text = await response.text();
    if (!response.ok) fail(`${response.status}, ${text}`, ADVICE[response.status]);
    try {
      return JSON.parse(text) as T;
    } catch {
      return fail(
        `${response.status}, but the answer is not JSON. Is HONEYCOMB_API_ENDPOINT Honeycomb's API?`,
      );
    }
  }
}
