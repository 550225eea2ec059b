import type { Resource } from '@tandem/otlp';
import { LimitError, UndecodableError } from '@tandem/otlp';
import type { Static } from 'typebox';
import Type from 'typebox';
import { traceIdField } from '../../lib/trace-id.ts';
import { problems } from '../errors.ts';
import { Failure, isOfStore } from '../failures.ts';
import { PULL_NAME } from '../fields/pulled.ts';
import { otlpAnswer } from '../receiver/http-error.ts';
import type { IncomingBody } from '../receiver/incoming-body.ts';
import type { Intake } from '../receiver/intake.ts';
import { firstField } from '../store/read/field-sql.ts';
import { isLogs, itemCount } from '../store/rows/request.ts';
import type { ExportRequest, SpanStore } from '../store/store.ts';
import { withoutStored } from './stored-already.ts';

export const Imported = Type.Object({
  spans: Type.Integer(),
  logs: Type.Integer({ description: 'log records' }),
  known: Type.Integer({ description: 'spans and log records that the store had already' }),
  rejected: Type.Integer(),
  rejected_reason: Type.String(),
  trace_ids: Type.Array(Type.String(), { description: 'the first 1000' }),
});
export type Imported = Static<typeof Imported>;

/** Most trace ids in the answer, because a file may contain any number. */
const MAX_TRACE_IDS = 1000;

/**
 * Stores the new spans and log records of an OTLP JSON export request. Stored items are left out.
 * @param mix whether pulled traces may come to other traffic
 * @throws STORE_NOT_EMPTY where they may not
 */
export async function importTraces(
  store: SpanStore,
  intake: Intake,
  body: Omit<IncomingBody, 'encoding'>,
  mix = false,
): Promise<Imported> {
  const traceIds = new Set<string>();
  let logs = 0;
  let known = 0;
  const { rows } = await store.read('SELECT coalesce(max(_seq), 0) FROM spans');
  const newest = Number(rows[0]?.[0] ?? 0);
  try {
    const taken = await intake.take({
      ...body,
      signal: ['traces', 'logs'],
      encoding: 'json',
      isDocument: true,
      onPart,
    });
    return {
      spans: taken.accepted - logs,
      logs,
      known,
      rejected: taken.rejected,
      rejected_reason: taken.rejectedReason,
      trace_ids: [...traceIds],
    };
  } catch (error) {
    throw problemOf(error);
  }

  async function onPart(part: ExportRequest): Promise<ExportRequest> {
    if (!mix) await keepApart(store, part);
    for (const { traceId } of isLogs(part) ? [] : part.scopeSpans.flatMap(({ spans }) => spans)) {
      if (traceIds.size < MAX_TRACE_IDS) traceIds.add(traceIdField(traceId));
    }
    const { fitting, left } = await withoutStored(store, part, newest);
    known += left;
    if (isLogs(fitting)) logs += itemCount(fitting);
    return fitting;
  }
}

/** Pulled traces stand for others: beside other traffic, figures of both together would be of neither. @throws STORE_NOT_EMPTY */
async function keepApart(store: SpanStore, part: ExportRequest): Promise<void> {
  const sources: readonly { readonly resource: Resource }[] = isLogs(part) ? part.scopeLogs : part.scopeSpans;
  if (!sources.some(({ resource }) => resource.attributes.some(({ key }) => key === PULL_NAME))) return;
  const { rows } = await store.read(
    `SELECT 1 FROM spans WHERE ${firstField(store.fields(), PULL_NAME)} IS NULL LIMIT 1`,
  );
  if (rows.length === 0) return;
  throw problems.STORE_NOT_EMPTY({
    detail:
      'These traces were pulled, and their figures would mix with those of the other traffic in the store. The command import stores them all the same with --mix. An explorer with a DATA_DIR of its own shows them alone.',
  });
}

function problemOf(error: unknown): unknown {
  const isOfBody = [Failure, UndecodableError, LimitError].some((kind) => error instanceof kind);
  if (!isOfBody || isOfStore(error)) return error;
  const { statusCode, message: detail, retryAfterSeconds } = otlpAnswer(error);
  if (statusCode === 413) return problems.IMPORT_TOO_LARGE({ detail });
  if (statusCode !== 503) return problems.UNDECODABLE({ detail });
  return problems.STORE_BUSY({ detail, headers: { 'retry-after': String(retryAfterSeconds) } });
}
