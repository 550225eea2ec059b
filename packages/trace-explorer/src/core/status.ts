import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Static, TSchema } from 'typebox';
import Type from 'typebox';
import { documented } from '../http/documented.ts';
import { deadlineIn } from '../lib/time/deadline.ts';
import { VERSION } from '../lib/version.ts';
import { notCounted } from './fields/pulled.ts';
import { logColumns } from './logs/log-columns.ts';
import type { Intake } from './receiver/intake.ts';
import type { SpanStore } from './store/store.ts';

/** Milliseconds for the store's answer to the readiness check. */
const CHECK_TIMEOUT_MS = 2000;

const Dropped = Type.Object({
  bytes: Type.Integer({ description: 'evicted to stay under the cap' }),
  age: Type.Integer({ description: 'evicted because they were too old' }),
  rejected: Type.Integer({ description: 'malformed, or larger than the store can keep' }),
  busy: Type.Integer({ description: 'the sender shall retry' }),
  failed: Type.Integer({ description: 'accepted, but the disk refused the file' }),
});

const UNKEPT_METRICS =
  'The explorer takes metrics and keeps none; OTEL_METRICS_EXPORTER=none at their sender stops them.';

/** Content of the store, its losses, and notices for a person. */
const Status = Type.Object({
  version: Type.String({ description: 'of the explorer' }),
  spans: Type.Integer(),
  logs: Type.Integer({ description: 'log records' }),
  rows: Type.Integer({ description: 'spans, span events, links and log records' }),
  bytes: Type.Integer(),
  max_bytes: Type.Integer(),
  max_age_seconds: Type.Number(),
  oldest: Type.Optional(Type.String({ description: 'RFC 3339' })),
  fields: Type.Integer(),
  spilled_fields: Type.Integer({
    description: 'fields beyond the first 256, which share a column: queries of them are slower',
  }),
  reads_waiting: Type.Integer({ description: 'statements that wait until others have ended' }),
  dropped: Dropped,
  dropped_logs: Dropped,
  refused_by_token: Type.Integer({ description: 'requests of senders without EXPLORER_TOKEN' }),
  notices: Type.Array(Type.String(), {
    description: 'notices for a person, such as a reached cap',
  }),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      rows: Type.Integer(),
      logs: Type.Integer({ description: 'the log records among them' }),
      last_seen: Type.String({ description: 'RFC 3339' }),
      last_log: Type.Optional(Type.String({ description: 'when the last log record arrived, RFC 3339' })),
    }),
  ),
  otlp_endpoint: Type.Optional(Type.String({ description: 'URL of the receiver of spans and log records' })),
});

/** What the parts add to the status: each names its row here. */
// biome-ignore lint/suspicious/noEmptyInterface: the parts fill it
export interface PartStatus {}

export type Status = Static<typeof Status> & PartStatus;

/** A row of the status, which is absent where it reads undefined. */
export interface StatusRow {
  readonly name: string;
  readonly schema: TSchema;
  read(): unknown;
  /** What a person has to know of it now. */
  notices?(): readonly string[];
}

declare module './door/node.ts' {
  interface NodePart {
    /** A row of `GET /api/status`. */
    status?(): Promise<(context: ServerContext) => StatusRow>;
  }
}

export interface StatusOptions {
  readonly store: SpanStore;
  readonly intake: Pick<Intake, 'hasUnkeptMetrics' | 'refusedByToken'>;
  readonly otlpEndpoint?: string;
  /** Rows of the parts. */
  readonly rows: readonly StatusRow[];
}

export const statusRoutes: FastifyPluginAsyncTypebox<StatusOptions> = async (
  app,
  { store, intake, otlpEndpoint, rows },
) => {
  const ofParts = Object.fromEntries(rows.map(({ name, schema }) => [name, Type.Optional(schema)]));
  const schema = Type.Object({ ...Status.properties, ...ofParts });
  app.get(
    '/api/status',
    documented('status', 'The content of the store, and the number of dropped spans', schema),
    async function showStatus() {
      // Counts include everything that was answered, unless the store is busy: then they are older.
      await checkStore(store).catch(() => {});
      const stats = store.stats();
      const [datasets, logs] = await Promise.all([store.datasets(), readLogSenders(store)]);
      return {
        version: VERSION,
        spans: stats.spans,
        logs: stats.logs,
        rows: stats.rows,
        bytes: stats.bytes,
        max_bytes: stats.maxBytes,
        max_age_seconds: stats.maxAgeMs / 1000,
        ...(stats.oldest !== undefined && { oldest: new Date(stats.oldest).toISOString() }),
        fields: stats.fields,
        spilled_fields: stats.spilledFields,
        reads_waiting: stats.waitingReads,
        dropped: stats.dropped,
        dropped_logs: stats.droppedLogs,
        refused_by_token: intake.refusedByToken,
        notices: [
          ...stats.notices,
          ...(intake.hasUnkeptMetrics ? [UNKEPT_METRICS] : []),
          ...rows.flatMap((row) => row.notices?.() ?? []),
        ],
        services: datasets.flatMap(({ name, rows, lastWritten }) => {
          const { count = 0, counted = 0, lastSeen = 0 } = logs.get(name) ?? {};
          if (rows <= counted) return [];
          return {
            name,
            rows: rows - counted,
            logs: count,
            last_seen: new Date(lastWritten).toISOString(),
            ...(count > 0 && { last_log: new Date(lastSeen).toISOString() }),
          };
        }),
        ...(otlpEndpoint !== undefined && { otlp_endpoint: otlpEndpoint }),
        ...Object.fromEntries(rows.map(({ name, read }) => [name, read()])),
      };
    },
  );
};

/**
 * Resolves when the store answers, for the readiness check.
 * @throws Error when the store does not answer within 2 s
 */
export async function checkStore(store: SpanStore): Promise<void> {
  await store.read('SELECT 1', [], { deadline: deadlineIn(CHECK_TIMEOUT_MS), short: true });
}

/** Number and time of the log records that a sender has in the store. */
interface SenderLogs {
  readonly count: number;
  /** Records of what an engine counted, whose pull is no sender. */
  readonly counted: number;
  /** Arrival of the last record, in milliseconds since the epoch. */
  readonly lastSeen: number;
}

/** Counts the log records of each dataset that has any. */
async function readLogSenders(store: SpanStore): Promise<ReadonlyMap<string, SenderLogs>> {
  if (store.stats().logs === 0) return new Map();
  const own = `FILTER (${notCounted(store.fields()) ?? 'true'})`;
  const { rows } = await store.read(
    `SELECT _dataset, count(*) ${own}, max(_received) ${own} // 1000000, count(*) FROM spans WHERE ${logColumns(store).isLog} GROUP BY 1`,
    [],
    { short: true },
  );
  return new Map(
    rows.map(([dataset, count, at, all]) => {
      const own = { count: Number(count), counted: Number(all) - Number(count), lastSeen: Number(at) };
      return [String(dataset), own];
    }),
  );
}
