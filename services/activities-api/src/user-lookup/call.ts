import type { Deadline } from '@tandem/service-kit';
import { REQUEST_TIMEOUT_HEADER } from '@tandem/service-kit';
import { withUrlTemplate } from '@tandem/telemetry';
import type { Static } from 'typebox';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Pool } from 'undici';

/** A handle's pattern, equal to user-lookup's. */
export const HANDLE_PATTERN = '^[a-z0-9_-]{1,30}$';
const HANDLE = new RegExp(HANDLE_PATTERN);

const PATH = '/api/users';
/** user-lookup takes at most this many handles in one call. */
const MAX_HANDLES = 100;
/** Longest time for a look-up: a feed without names is better than a late one. */
const LOOKUP_TIMEOUT_MS = 1000;
/** The part of the request's time that a look-up leaves, so that the request can be answered without authors. */
const RESERVE_MS = 50;
/** 100 users take under 40 KB. */
const MAX_RESPONSE_BYTES = 256 * 1024;
/** A connection leads to one replica. Connections are closed at this age, so that new replicas get their share of calls. */
const MAX_CONNECTION_AGE_MS = 15_000;
const User = Type.Object({ handle: Type.String(), display_name: Type.String(), avatar_url: Type.String() });
const Answer = Type.Object({ users: Type.Array(User), missing: Type.Array(Type.String()) });
const isAnswer = Compile(Answer);

/** A user of user-lookup. */
export type User = Static<typeof User>;

/** The result of a look-up. */
export interface FoundUsers {
  readonly users: ReadonlyMap<string, User>;
  /** Handles without a user. */
  readonly missing: ReadonlySet<string>;
}

/** Looks up users. */
export interface UserDirectory {
  /**
   * Looks up many users at once.
   * @throws LookupError when user-lookup does not answer, or answers late or wrongly
   */
  find(handles: readonly string[], deadline: Deadline): Promise<FoundUsers>;
  close(): Promise<void>;
}

/** The address of user-lookup, and the token for it. */
export interface UserLookupOptions {
  /** Such as `http://localhost:4568`. */
  readonly origin: string;
  /** Sent as `authorization: Bearer …`. */
  readonly token?: string | undefined;
}

/** A failed look-up. */
export class LookupError extends Error {
  override readonly name = 'LookupError';
  /**
   * `timeout`, `unreachable`, `http_503` (or another status), `invalid_response` (a 200 with a wrong body),
   * or `circuit_open`: no request was sent, because the last requests to user-lookup failed.
   */
  readonly reason: string;
  /** The status of user-lookup's answer; 0 when no answer began. */
  readonly status: number;

  constructor(reason: string, status = 0, options?: ErrorOptions) {
    super(`user-lookup: ${reason}`, options);
    this.reason = reason;
    this.status = status;
  }
}

/** The milliseconds that a look-up may take: its usual time, or less when the request has less. */
export function lookupTime(deadline: Deadline): number {
  return Math.min(LOOKUP_TIMEOUT_MS, Math.floor(deadline.millisecondsLeft() - RESERVE_MS));
}

/**
 * A directory that sends each look-up to user-lookup, without handles that no user can have. A look-up takes a second at
 * most.
 */
export function userLookupCall({ origin, token }: UserLookupOptions): UserDirectory {
  const pool = new Pool(origin.replace(/\/$/, ''), {
    connections: 64,
    clientTtl: MAX_CONNECTION_AGE_MS,
    maxResponseSize: MAX_RESPONSE_BYTES,
  });

  /** Asks for as many handles as one request takes. */
  async function ask(handles: readonly string[], timeoutMs: number, { signal }: Deadline) {
    signal.throwIfAborted();
    const controller = new AbortController();
    // The code becomes the CLIENT span's `error.type`. The code of AbortSignal.timeout's error is 23.
    const timeout = () => Object.assign(new Error('user-lookup did not answer in time'), { code: 'timeout' });
    const timer = setTimeout(() => controller.abort(timeout()), timeoutMs);
    const giveUp = () => controller.abort(signal.reason);
    signal.addEventListener('abort', giveUp);
    const headers = {
      accept: 'application/json',
      [REQUEST_TIMEOUT_HEADER]: String(timeoutMs),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const path = `${PATH}?${handles.map((handle) => `handle=${handle}`).join('&')}`;
    let status = 0;
    try {
      const request = { method: 'GET', path, headers, signal: controller.signal } as const;
      const { statusCode, body } = await withUrlTemplate(PATH, () => pool.request(request));
      status = statusCode;
      if (status === 200) return readAnswer(await body.text(), handles);
      await body.dump(); // the connection can be used again
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new LookupError(reasonOf(status, controller.signal), status, { cause });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
    throw new LookupError(status === 504 ? 'timeout' : `http_${status}`, status);
  }

  return {
    async find(handles, deadline) {
      const timeoutMs = lookupTime(deadline);
      if (timeoutMs < 1) throw new LookupError('timeout');
      const asked = [...new Set(handles)].filter((handle) => HANDLE.test(handle));
      const requests = [];
      for (let at = 0; at < asked.length; at += MAX_HANDLES)
        requests.push(ask(asked.slice(at, at + MAX_HANDLES), timeoutMs, deadline));
      const users = new Map<string, User>();
      for (const answer of await Promise.all(requests))
        for (const user of answer.users) users.set(user.handle, user);
      return { users, missing: new Set(handles.filter((handle) => !users.has(handle))) };
    },
    close: () => pool.destroy(),
  };
}

/** @throws Error when the text is not user-lookup's answer for these handles */
function readAnswer(text: string, handles: readonly string[]): Static<typeof Answer> {
  const answer: unknown = JSON.parse(text);
  if (!isAnswer.Check(answer)) throw new Error('the answer does not match its schema');
  // A handle that is left out is not an unknown handle: user-lookup lists unknown handles as missing.
  const named = new Set([...answer.missing, ...answer.users.map(({ handle }) => handle)]);
  if (!handles.every((handle) => named.has(handle)))
    throw new Error('the answer lacks a handle of the request');
  return answer;
}

/** Why a request failed. @param status 0 when no answer began */
function reasonOf(status: number, until: AbortSignal): string {
  if (until.aborted) return 'timeout';
  if (status === 0) return 'unreachable';
  return status === 200 ? 'invalid_response' : `http_${status}`;
}
