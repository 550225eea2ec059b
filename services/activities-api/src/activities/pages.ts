import type { FieldError } from '@tandem/service-kit';
import { problems as common } from '@tandem/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';
import type { Dependencies } from './authors.ts';
import { findAuthors, showThread } from './authors.ts';
import type { PageRequest } from './repository.ts';
import { DEFAULT_LIMIT } from './schemas.ts';
import type { Thread } from './threads.ts';

/** Where a page ends: the next one begins with the first activity older than this. */
export interface Position {
  readonly createdAt: string;
  readonly uuid: string;
}

/** A request for a page: how many activities, and before which one. */
export type RequestForPage = Pick<FastifyRequest, 'url' | 'deadline'> & {
  readonly query: { readonly limit?: number; readonly before?: string };
};

/**
 * Loads a page with its authors and makes the answer of it.
 * @param subject handle of a user who must exist
 * @throws Problem USER_NOT_FOUND when `subject` does not exist
 */
export async function answerPage(
  dependencies: Dependencies,
  request: RequestForPage,
  reply: FastifyReply,
  load: (page: PageRequest) => Promise<Thread[]>,
  subject?: { readonly in: FieldError['in']; readonly handle: string },
) {
  const page = pageRequest(request, dependencies.now());
  const { threads, next } = cutPage(await load(page), page);
  const others = subject === undefined ? [] : [subject.handle];
  const authors = await findAuthors(dependencies, threads, request.deadline, others);
  if (subject !== undefined && authors.missing.has(subject.handle))
    throw problems.USER_NOT_FOUND({
      errors: [{ in: subject.in, field: 'handle', detail: `nobody has the handle ${subject.handle}` }],
    });
  linkNext(request, reply, next);
  const activities = threads.map((thread) => showThread(thread, authors));
  return { activities, next_cursor: next, degraded: authors.degraded };
}

/**
 * The part of the activities that a request asks for, and one more, to know whether there is a next page.
 * @throws Problem VALIDATION_FAILED for a cursor that no page gave
 */
export function pageRequest({ query, deadline }: RequestForPage, now: string): PageRequest {
  const before = query.before === undefined ? undefined : decodeCursor(query.before);
  if (query.before !== undefined && before === undefined)
    throw common.VALIDATION_FAILED({
      errors: [{ in: 'query', field: 'before', detail: 'must be the next_cursor of a page' }],
    });
  const limit = (query.limit ?? DEFAULT_LIMIT) + 1;
  return { now, limit, before, signal: deadline.signal };
}

/** Takes the additional activity off again; `next` is the cursor of the next page, null on the last. */
export function cutPage(found: Thread[], { limit }: PageRequest): { threads: Thread[]; next: string | null } {
  const threads = found.slice(0, limit - 1);
  const last = threads.at(-1);
  return { threads, next: found.length < limit || last === undefined ? null : encodeCursor(last) };
}

/** Names the next page in a Link header (RFC 8288). */
export function linkNext(request: RequestForPage, reply: FastifyReply, next: string | null): void {
  if (next === null) return;
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  searchParams.set('before', next);
  reply.header('link', `<${pathname}?${searchParams}>; rel="next"`);
}

const POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The position of an activity as an opaque text for URLs. */
function encodeCursor({ created_at, uuid }: Thread): string {
  return Buffer.from(`${created_at} ${uuid}`).toString('base64url');
}

/** Reads what encodeCursor wrote; undefined for anything else. */
function decodeCursor(cursor: string): Position | undefined {
  const [, createdAt = '', uuid = ''] =
    POSITION.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  return Number.isNaN(Date.parse(createdAt)) ? undefined : { createdAt, uuid };
}
