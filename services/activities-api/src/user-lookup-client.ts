import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { activeFault, markFault, REQUEST_TIMEOUT_HEADER } from '@tandem/service-kit';
import { withUrlTemplate } from '@tandem/telemetry';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Dispatcher } from 'undici';
import { errors, Pool } from 'undici';
import type { FoundUsers, User, UserDirectory } from './users/directory.ts';
import { LookupError } from './users/directory.ts';

const MAX_HANDLES = 100; // user-lookup's limit for one call
const MAX_RESPONSE_SIZE = 256 * 1024; // bytes; 100 users take under 40 KB
const HANDLE = /^[a-z0-9_-]{1,30}$/;

const Answer = Compile(
  Type.Object({
    users: Type.Array(
      Type.Object({ handle: Type.String(), display_name: Type.String(), avatar_url: Type.String() }),
    ),
    missing: Type.Array(Type.String()),
  }),
);

/** A client of user-lookup that keeps its connections open. */
export function createUserLookupClient(origin: string): UserDirectory {
  const pool = new Pool(origin.replace(/\/$/, ''), {
    connections: 64,
    connect: { timeout: 1000 }, // milliseconds
    maxResponseSize: MAX_RESPONSE_SIZE,
  });
  return {
    async find(handles, deadline) {
      const found = { users: new Map<string, User>(), missing: new Set<string>() };
      const known = [...new Set(handles)].filter((handle) => {
        const valid = HANDLE.test(handle);
        if (!valid) found.missing.add(handle);
        return valid;
      });
      await lookUp(known, (batch) => findBatch(pool, batch, deadline, found));
      return found;
    },
    close: () => pool.destroy(),
  };
}

type Look = (handles: readonly string[]) => Promise<void>;

/** Looks up all handles in as few calls as can be, at once; or as badly as the request's fault asks. */
async function lookUp(handles: readonly string[], look: Look): Promise<void> {
  const fault = activeFault('activities-api');
  if (fault !== undefined) markFault(fault);
  if (fault?.kind === 'n-plus-one') {
    for (const handle of handles) await look([handle]);
    return;
  }
  const lost: Look = (batch) => context.with(ROOT_CONTEXT, () => look(batch));
  const calls = [];
  for (let at = 0; at < handles.length; at += MAX_HANDLES) {
    calls.push((fault?.kind === 'drop-context' ? lost : look)(handles.slice(at, at + MAX_HANDLES)));
  }
  await Promise.all(calls);
}

async function findBatch(
  pool: Pool,
  handles: readonly string[],
  deadline: number,
  into: FoundUsers & { readonly users: Map<string, User>; readonly missing: Set<string> },
): Promise<void> {
  const left = Math.floor(deadline - performance.now());
  if (left < 1) throw new LookupError('timeout');
  const abort = new AbortController();
  const timer = setTimeout(
    () => abort.abort(new DOMException('user-lookup took too long', 'TimeoutError')),
    left,
  );
  try {
    const response = await withUrlTemplate('/api/users', () =>
      pool.request({
        method: 'GET',
        path: `/api/users?${handles.map((handle) => `handle=${handle}`).join('&')}`,
        headers: { accept: 'application/json', [REQUEST_TIMEOUT_HEADER]: String(left) },
        signal: abort.signal,
      }),
    );
    const { users, missing } = await readAnswer(response);
    for (const user of users) into.users.set(user.handle, user);
    for (const handle of missing) into.missing.add(handle);
  } catch (error) {
    if (error instanceof LookupError) throw error;
    if (error instanceof errors.ResponseExceededMaxSizeError)
      throw new LookupError('invalid_response', { cause: error });
    throw new LookupError(abort.signal.aborted ? 'timeout' : 'unreachable', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer({ statusCode, body }: Dispatcher.ResponseData) {
  if (statusCode !== 200) {
    await body.dump();
    throw new LookupError(statusCode === 504 ? 'timeout' : `http_${statusCode}`);
  }
  const text = await body.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new LookupError('invalid_response', { cause });
  }
  if (!Answer.Check(answer)) throw new LookupError('invalid_response');
  return answer;
}
