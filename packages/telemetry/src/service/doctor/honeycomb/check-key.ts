import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { boundedText } from '../../../common/bounded-text.ts';
import { parseJson } from '../../../common/primordials.ts';
import type { HoneycombKeyForm } from '../../../process/secrets/honeycomb.ts';
import { isClassicForm } from '../../../process/secrets/honeycomb.ts';
import { logSafeText, oneLine } from '../../../process/secrets/secrets.ts';
import { failureOfError, messageOf } from '../../../road/delivery/export-failure.ts';
import type { MalformedKeyReason } from './key-form.ts';
import { parseHoneycombKey } from './key-form.ts';
import type { HoneycombKey } from './key-source.ts';
import type { HoneycombEndpoint } from './parse-endpoint.ts';
import { parseHoneycombEndpoint } from './parse-endpoint.ts';

/** A limit far above the documented answer of about 400 bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Somebody waits for the answer of a command. */
const TIMEOUT_MS = 5_000;

/** The key to check, and Honeycomb's address. */
export interface KeyCheckOptions extends Partial<HoneycombKey> {
  /** Longest time for the whole check, in milliseconds; default 5000. */
  readonly timeoutMs?: number;
}

/** The result of a check. Never holds the key. */
export type KeyCheck =
  | { readonly kind: 'no-key' }
  | { readonly kind: 'malformed'; readonly reason: MalformedKeyReason; readonly length: number }
  | { readonly kind: 'bad-endpoint'; readonly problem: string }
  | { readonly kind: 'dataset-missing' }
  | RefusedKey
  | AcceptedKey
  | UncheckedKey;

/** No answer, or an answer that says nothing about the key. */
export interface UncheckedKey {
  readonly kind: 'unchecked';
  readonly endpoint: HoneycombEndpoint;
  /** The HTTP status of the answer; absent without an answer. */
  readonly status?: number;
  readonly detail?: string;
}

/** Honeycomb does not know the key. */
export interface RefusedKey {
  readonly kind: 'refused';
  readonly endpoint: HoneycombEndpoint;
  readonly form: HoneycombKeyForm;
  readonly length: number;
  readonly detail?: string;
}

/** Honeycomb knows the key. Holds the key's permissions. */
export interface AcceptedKey {
  readonly kind: 'accepted';
  readonly endpoint: HoneycombEndpoint;
  /** Slug of the team. */
  readonly team: string;
  /** Slug of the environment; classic teams have none. */
  readonly environment?: string;
  /** Whether the key may send events. */
  readonly mayIngest: boolean;
  /** Whether a service that Honeycomb has not seen yet gets its dataset. */
  readonly mayCreateDatasets: boolean;
  /** The end of the key's life, as Honeycomb writes times (RFC 3339). */
  readonly expiresAt?: string;
  /** HONEYCOMB_DATASET is set although only classic keys use it. */
  readonly datasetIgnored: boolean;
}

/**
 * Finds out whether Honeycomb takes a key: first by the key's form, then by `GET /1/auth`
 * (docs.honeycomb.io/api/auth). Does not reject: a failure is in the result.
 */
export async function checkHoneycombKey(options: KeyCheckOptions): Promise<KeyCheck> {
  const { apiKey = '', dataset, timeoutMs = TIMEOUT_MS } = options;
  const key = parseHoneycombKey(apiKey);
  if (key.kind === 'none') return { kind: 'no-key' };
  if (key.kind === 'malformed') return key;

  let endpoint: HoneycombEndpoint;
  try {
    endpoint = parseHoneycombEndpoint(options.endpoint);
  } catch (error) {
    return { kind: 'bad-endpoint', problem: error instanceof Error ? error.message : String(error) };
  }
  const hasDataset = dataset !== undefined && dataset.trim() !== '';
  if (isClassicForm(key.form) && !hasDataset) return { kind: 'dataset-missing' };

  try {
    const ask = () => getAuth(endpoint.url, apiKey, timeoutMs);
    const { status, body } = await context.with(suppressTracing(ROOT_CONTEXT), ask);
    const said = messageOf(body);
    const detail = said === undefined ? {} : { detail: logSafeText(said, [apiKey]) };
    if (status === 401) return { kind: 'refused', endpoint, form: key.form, length: key.length, ...detail };
    const access = status === 200 ? parseAccess(body) : undefined;
    if (access === undefined) return { kind: 'unchecked', endpoint, status, ...detail };
    return {
      kind: 'accepted',
      endpoint,
      ...access,
      datasetIgnored: hasDataset && !isClassicForm(key.form),
    };
  } catch (error) {
    const { detail = '' } = failureOfError(endpoint.url, error);
    return { kind: 'unchecked', endpoint, detail: logSafeText(detail, [apiKey]) };
  }
}

/** Whether spans sent with this key will arrive, as far as the check can tell. */
export function canSend(check: KeyCheck): boolean {
  return check.kind === 'accepted' && check.mayIngest;
}

/**
 * Asks Honeycomb for the permissions of a key. Uses node:http, as the exporter does, so that certificates, proxies and
 * names fail in the check as they would fail in an export.
 *
 * @throws Error of node:http, and a TimeoutError after `timeoutMs` for name look-up, connection and body together
 */
async function getAuth(
  endpoint: string,
  apiKey: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { 'x-honeycomb-team': apiKey, accept: 'application/json', connection: 'close' };
  try {
    const { get } = process.getBuiltinModule(endpoint.startsWith('https:') ? 'node:https' : 'node:http');
    const [response]: IncomingMessage[] = await once(
      get(`${endpoint}/1/auth`, { signal, headers }),
      'response',
    );
    return {
      status: response?.statusCode ?? 0,
      body: await boundedText({ body: response }, MAX_BODY_BYTES),
    };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

type Access = Pick<AcceptedKey, 'team' | 'environment' | 'mayIngest' | 'mayCreateDatasets' | 'expiresAt'>;

/** Reads the answer to /1/auth; undefined for any other text, as from a server that is not Honeycomb. */
function parseAccess(body: string): Access | undefined {
  try {
    const answer = Object(parseJson(body));
    const team = asText(answer.team?.slug) ?? asText(answer.team?.name);
    if (team === undefined) return undefined;
    const environment = asText(answer.environment?.slug) ?? asText(answer.environment?.name);
    const expiresAt = asText(answer.time_to_live);
    return {
      team,
      ...(environment !== undefined && { environment }),
      mayIngest: answer.api_key_access?.events === true,
      mayCreateDatasets: answer.api_key_access?.createDatasets === true,
      ...(expiresAt !== undefined && { expiresAt }),
    };
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? oneLine(value) : undefined;
}
