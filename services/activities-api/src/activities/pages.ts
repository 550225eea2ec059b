import type { FieldError } from '@tandem/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';
import type { Authors } from './authors.ts';
import { findAuthors, showThread } from './authors.ts';
import type { Dependencies } from './dependencies.ts';
import type { PageBounds, Position } from './repository.ts';
import { DEFAULT_LIMIT } from './schemas.ts';
import type { Thread } from './threads.ts';

/** A request for a page: how many activities, and before which one. */
export type PagingRequest = Pick<FastifyRequest, 'url' | 'deadline'> & {
  readonly query: { readonly limit?: number; readonly before?: string };
};

/** A page with its authors. */
interface Page {
  readonly threads: readonly Thread[];
  /** The cursor of the next page; null on the last. */
  readonly next: string | null;
  readonly authors: Authors;
}

/**
 * Answers a request for a page.
 * @param subject handle of a user who must exist
 * @throws Problem USER_NOT_FOUND when `subject` does not exist
 */
export async function answerPage(
  dependencies: Dependencies,
  request: PagingRequest,
  reply: FastifyReply,
  load: (bounds: PageBounds) => Promise<Thread[]>,
  subject?: { readonly in: FieldError['in']; readonly handle: string },
) {
  const others = subject === undefined ? [] : [subject.handle];
  const page = await readPage(dependencies, request, dependencies.now(), load, others);
  if (subject !== undefined && page.authors.missing.has(subject.handle))
    throw problems.USER_NOT_FOUND({
      errors: [{ in: subject.in, field: 'handle', detail: `nobody has the handle ${subject.handle}` }],
    });
  return showPage(page, request, reply);
}

/**
 * Reads one activity more than the page has, to know whether there is a next page.
 * @param others further handles to look up
 * @throws Problem VALIDATION_FAILED for a malformed cursor
 */
export async function readPage(
  dependencies: Dependencies,
  { query, deadline }: PagingRequest,
  now: string,
  load: (bounds: PageBounds) => Promise<Thread[]>,
  others: readonly string[] = [],
): Promise<Page> {
  const before = query.before === undefined ? undefined : decodeCursor(query.before);
  if (query.before !== undefined && before === undefined)
    throw problems.VALIDATION_FAILED({
      errors: [{ in: 'query', field: 'before', detail: 'must be the next_cursor of a page' }],
    });
  const { limit = DEFAULT_LIMIT } = query;
  const found = await load({ now, limit: limit + 1, before, signal: deadline.signal });
  const threads = found.slice(0, limit);
  const last = threads.at(-1);
  const next = found.length <= limit || last === undefined ? null : encodeCursor(last);
  return { threads, next, authors: await findAuthors(dependencies, threads, deadline, others) };
}

/** Makes the answer. Its Link header names the next page (RFC 8288). */
export function showPage({ threads, next, authors }: Page, { url }: PagingRequest, reply: FastifyReply) {
  if (next !== null) {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    searchParams.set('before', next);
    reply.header('link', `<${pathname}?${searchParams}>; rel="next"`);
  }
  const activities = threads.map((thread) => showThread(thread, authors));
  return { activities, next_cursor: next, degraded: authors.degraded };
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
