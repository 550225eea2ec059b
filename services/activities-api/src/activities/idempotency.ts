import { createHash } from 'node:crypto';
import { describePattern } from '@tandem/service-kit';
import type { FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import Type from 'typebox';
import type { ActivitiesSchema } from '../database.ts';
import { problems } from '../errors.ts';

/** How long a key is remembered. */
const KEY_LIFE_MS = 24 * 60 * 60 * 1000;

/** Header that makes it safe to send a POST again. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
const HEADER = 'idempotency-key';

/** Headers of a POST. */
export const IdempotencyHeaders = Type.Object({
  [HEADER]: Type.Optional(
    Type.String({
      pattern: describePattern('^[\\x21-\\x7e]{1,255}$', 'must be 1 to 255 visible ASCII characters'),
      description:
        'a text of your own choice, new for every activity: the same request sent again is done once',
    }),
  ),
});

/** A request that is to be done once, however often it is sent. */
export interface OnceOnly {
  readonly key: string;
  /** What distinguishes the request from others that come with the same key. */
  readonly fingerprint: string;
  /** What is answered each time, as JSON. */
  readonly answer: string;
  /** The current time as ISO 8601. */
  readonly now: string;
}

/** The request has been done before: `answer` is what was answered then, as JSON. */
export class AlreadyDone extends Error {
  override readonly name = 'AlreadyDone';
  readonly answer: string;

  constructor(answer: string) {
    super('The request has been done before');
    this.answer = answer;
  }
}

/** What the request's Idempotency-Key asks for; undefined without one. */
export function onceOnly(request: FastifyRequest, answer: object, now: string): OnceOnly | undefined {
  const key = request.headers[HEADER];
  if (typeof key !== 'string') return undefined;
  const [path] = request.url.split('?', 1);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([path, request.body]))
    .digest('hex');
  return { key, fingerprint, answer: JSON.stringify(answer), now };
}

/**
 * Notes in the transaction that the request is done by it. A second one with the same key waits until the first is
 * committed or rolled back.
 * @throws AlreadyDone for a request that was done before
 * @throws Problem IDEMPOTENCY_KEY_REUSED when another request came with the same key
 */
export async function claimKey(
  transaction: Transaction<ActivitiesSchema>,
  { key, fingerprint, answer, now }: OnceOnly,
): Promise<void> {
  const expires_at = new Date(Date.parse(now) + KEY_LIFE_MS).toISOString();
  const claimed = await transaction
    .insertInto('idempotency_keys')
    .values({ key, fingerprint, answer, expires_at })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ fingerprint, answer, expires_at })
        .where('idempotency_keys.expires_at', '<=', now),
    )
    .returning('key')
    .executeTakeFirst();
  if (claimed !== undefined) return;
  const first = await transaction
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'answer'])
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (first.fingerprint === fingerprint) throw new AlreadyDone(first.answer);
  throw problems.IDEMPOTENCY_KEY_REUSED({
    errors: [{ in: 'header', field: HEADER, detail: 'was used for another request' }],
  });
}
