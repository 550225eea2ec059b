import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from './definitions.ts';

const TIMEOUT_MS = 15_000;
const ATTEMPTS = 3;
/** Longest wait that Honeycomb may ask for before the next attempt. */
const MAX_WAIT_MS = 30_000;
const MAX_DETAIL = 300; // characters of an answer that stand in an error

/** The permission that each part of the API needs, by its name on Honeycomb's page. */
export const PERMISSIONS: Readonly<Record<string, string>> = {
  boards: 'Manage Public Boards',
  columns: 'Manage Queries and Columns',
  triggers: 'Manage Triggers',
  markers: 'Manage Markers',
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
   * The JSON of an answer. After 429, it asks again when Honeycomb says.
   * @param path below `/1`
   * @throws Error saying what was asked, what came back and what to do; never with the key
   */
  async send<T = Resource>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<T> {
    const asked = `${method} ${this.#base}/1${path}`;
    for (let attempt = 1; ; attempt++) {
      const response = await this.#fetch(asked, method, path, body);
      const text = await response.text();
      if (response.status === 429 && attempt < ATTEMPTS) {
        const seconds = Number(response.headers.get('retry-after') ?? 5);
        await sleep(Math.min(Number.isFinite(seconds) ? seconds * 1000 : 5000, MAX_WAIT_MS));
        continue;
      }
      if (!response.ok)
        throw new Error(
          `${asked}: ${response.status}, ${this.#clean(detailOf(text))}${adviceFor(response.status, path)}`,
        );
      try {
        return (text === '' ? {} : JSON.parse(text)) as T;
      } catch {
        throw new Error(
          `${asked}: ${response.status}, but the answer is no JSON. Is HONEYCOMB_API_ENDPOINT Honeycomb's API?`,
        );
      }
    }
  }

  async #fetch(asked: string, method: string, path: string, body: object | undefined): Promise<Response> {
    try {
      return await fetch(`${this.#base}/1${path}`, {
        method,
        headers: {
          'x-honeycomb-team': this.#key,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'manual', // the key goes nowhere else
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new Error(`${asked}: ${this.#clean(reason instanceof Error ? reason.message : String(reason))}`);
    }
  }

  #clean(text: string): string {
    return text.replaceAll(this.#key, 'REDACTED').replaceAll(/\s+/g, ' ').slice(0, MAX_DETAIL);
  }
}

/** The text of an API error (RFC 9457 with `error`, or the older `{ error }`). */
function detailOf(text: string): string {
  try {
    const {
      error,
      title,
      type_detail: details,
    } = JSON.parse(text) as {
      readonly error?: string;
      readonly title?: string;
      readonly type_detail?: readonly { readonly field?: string; readonly description?: string }[];
    };
    const parts = details?.map(({ field, description }) => [field, description].filter(Boolean).join(' '));
    return [error ?? title, ...(parts ?? [])].filter(Boolean).join('; ');
  } catch {
    return text;
  }
}

function adviceFor(status: number, path: string): string {
  const [, part = ''] = path.split('/');
  if (status === 403) return `. The key needs the permission "${permissionOf(part)}".`;
  if ((status === 400 || status === 422) && /^(?:queries|derived_columns|triggers)$/.test(part))
    return '. A query can only name fields that Honeycomb has seen: send some requests first (node tandem load).';
  if (status >= 500) return '. See https://status.honeycomb.io and try again.';
  return '';
}

function permissionOf(part: string): string {
  return PERMISSIONS[part] ?? PERMISSIONS.columns ?? '';
}
