import { PULL_NAME } from '../../../core/fields/pulled.ts';
import { callKey, GROWING_QUEUE } from '../../../core/problems/problem-key.ts';
import type { Cause } from '../../../core/problems/schemas.ts';
import { SPARK } from '../../../core/problems/schemas.ts';
import { firstField } from '../../../core/store/read/field-sql.ts';
import {
  bigint,
  flag,
  list,
  namedColumns,
  number,
  numbers,
  text,
} from '../../../core/store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { NAMES } from '../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import { formatDuration } from '../../../lib/text/format-duration.ts';
import { counted, quoted } from '../../../lib/text/words.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { CountedSpans } from './read-places.ts';
import { describeCounted } from './read-places.ts';
import type { ExactCause } from './schemas.ts';

/** Equal parts of the range. In each of the last three, senders send more than workers process. */
const PARTS = 5;
const GROWING_PARTS = 3;
/** A smaller growth is work under way: a number of messages, and a share of the sent messages. */
const LEAST_MESSAGES = 5;
const LEAST_SHARE = 0.1;
/** The number of queues, the ones with most messages first; and for each the newest traces with a sent message. */
const MOST = 200;

const QUEUE_FIELDS = [...NAMES.destination, 'bullmq.queue.name'];

/** Messages of a queue in each part of a range. */
interface Counts {
  readonly sent: readonly number[];
  readonly processed: readonly number[];
}

/**
 * Queues to which more was sent than was processed in each of the last three fifths of a range, counted over all spans. A queue
 * without spans of both sides is left out, and one with sampled or pulled spans, which `unknown` names: nobody can tell how long
 * it is.
 */
export async function readGrowingQueues(
  store: SpanStore,
  within: TimeInterval,
  options: ReadOptions,
): Promise<{ readonly causes: ExactCause[]; readonly unknown: string[] }> {
  if (!QUEUE_FIELDS.some((field) => store.fields().has(field))) return { causes: [], unknown: [] };
  const columns = queueColumns();
  const { rows } = await store.read(
    `${messagesSql(store, within)} SELECT ${columns.sql} FROM m
    GROUP BY queue HAVING count(DISTINCT kind) = 2 ORDER BY count(*) DESC, queue LIMIT ${MOST}`,
    [within.start, within.end],
    options,
  );
  const [sampled = [], known = []] = [true, false].map((is) =>
    rows.map(columns.rowOf).filter((queue) => queue.sampled === is),
  );
  const growing = known.flatMap((queue) => {
    const since = growsSince(queue);
    return since === undefined ? [] : { ...queue, since };
  });
  const counted = growing.map((queue): CountedSpans => {
    const key = callKey(GROWING_QUEUE, { ...queue, kind: 'consumer' });
    return { ...queue, key, worst: queue.newest, failed: 0, lostMs: 0, ...NOT_COUNTED };
  });
  const described = await describeCounted(store, counted, options);
  const queues = new Map(growing.map((queue) => [queue.name, queue]));
  const causes = described.flatMap(({ cause }) => {
    const queue = queues.get(cause.name);
    return queue === undefined
      ? []
      : { cause: withGrowth(cause, queue, within), examples: [...new Set(queue.traceIds)] };
  });
  return { causes, unknown: sampled.map(({ name }) => name) };
}

/** What messages do not tell. */
const NOT_COUNTED = { estimated: false, seen: 0, user: '', users: 0, versions: [] };

/** A queue with its messages, from table `m`. Its service is the workers'. */
function queueColumns() {
  const lists = (parts: number, sql: (at: number) => string) =>
    `[${Array.from({ length: parts }, (_, at) => sql(at)).join(', ')}]`;
  const sum = (condition: string) => `coalesce(sum(messages) FILTER (${condition}), 0)`;
  const sent = (at: number) =>
    `greatest(${['created', 'NOT created'].map((is) => sum(`kind = 'producer' AND ${is} AND part = ${at}`)).join(', ')})`;
  const isSent = "kind = 'producer'";
  return namedColumns({
    service: text("mode(service) FILTER (kind = 'consumer')"),
    name: text('queue'),
    sampled: flag('bool_or(sampled)'),
    traces: number(`count(DISTINCT trace) FILTER (${isSent})`),
    first: bigint(`min(time) FILTER (${isSent})`),
    last: bigint(`max(time) FILTER (${isSent})`),
    newest: number(`arg_max(seq, time) FILTER (${isSent})`),
    spark: numbers(lists(SPARK, (at) => `count(DISTINCT trace) FILTER (${isSent} AND spark = ${at})`)),
    routes: list<[string, string]>(`list(DISTINCT [service, name]) FILTER (${isSent})`),
    sent: numbers(lists(PARTS, sent)),
    processed: numbers(lists(PARTS, (at) => sum(`kind = 'consumer' AND part = ${at}`))),
    traceIds: list<string>(`(list(trace ORDER BY time DESC) FILTER (${isSent}))[:${MOST}]`),
  });
}

/**
 * The part since which more was sent than processed without a break; undefined for a queue that does not grow. What is sent
 * and processed is compared part by part, and over the last three parts together by a least growth.
 */
function growsSince({ sent, processed }: Counts): number | undefined {
  const more = sent.map((count, at) => count - (processed[at] ?? 0));
  const since = more.findLastIndex((growth) => growth <= 0) + 1;
  if (PARTS - since < GROWING_PARTS) return undefined;
  const last = -GROWING_PARTS;
  const growth = total(more.slice(last));
  return growth >= LEAST_MESSAGES && growth >= LEAST_SHARE * total(sent.slice(last)) ? since : undefined;
}

/** The cause with its sentence, its beginning, and the time that the messages beyond the processed ones waited. */
function withGrowth(
  cause: Cause,
  { sent, processed, since }: Counts & { readonly since: number },
  { start, end }: TimeInterval,
): Cause {
  const partMs = Number(end - start) / PARTS / 1e6;
  const begin = new Date(Number(start) / 1e6 + since * partMs).toISOString();
  // Messages beyond the processed ones wait half of their part on average, and all parts that follow.
  const waited = (count: number, at: number) => (count - (processed[at] ?? 0)) * (PARTS - at - 0.5) * partMs;
  const [messages, done] = [total(sent.slice(since)), total(processed.slice(since))];
  const time = formatDuration((PARTS - since) * partMs);
  return {
    ...cause,
    // The queue has grown since then, not since its first message.
    ...(begin > cause.first && { first: begin }),
    lost_ms: total(sent.map((count, at) => (at < since ? 0 : waited(count, at)))),
    example: `In the last ${time}, ${counted(messages, 'message')} came to ${quoted(cause.name)}, and its workers processed ${done.toLocaleString('en-US')} of its messages`,
    advice: 'Run more workers or a higher concurrency, make the work shorter, or send less.',
  };
}

/**
 * The messages of a range as table `m`: a message once for each side, however often it is tried; a batch counts for the messages that it
 * has. Messages that are created first and sent together have spans of both. Messages that begin later on purpose (BullMQ's delay) are left out.
 */
function messagesSql(store: SpanStore, { start, end }: TimeInterval): string {
  const fields = store.fields();
  const c = spanColumns(store);
  const text = (...names: readonly string[]) => firstField(fields, ...names);
  const number = (...names: readonly string[]) => `TRY_CAST(${text(...names)} AS BIGINT)`;
  const operation = text('messaging.operation.type', 'messaging.operation');
  const rate = store.sampleRate();
  const isSampled = rate === undefined ? 'false' : `coalesce(CAST(${rate.sql} AS DOUBLE), 1) > 1`;
  const sampled = `(${isSampled} OR ${text(PULL_NAME)} IS NOT NULL)`;
  const size = number('messaging.batch.message_count', 'bullmq.job.bulk.count');
  const links = `CASE WHEN ${c.kind} = 'consumer' THEN ${c.links} END`;
  const delay = text('bullmq.job.options', 'bullmq.job.delay');
  const isDelayed = `coalesce(regexp_matches(${delay}, '^[1-9]|"delay":[1-9]'), false)`;
  const part = (parts: number) =>
    `least(${parts - 1}, CAST((min(_time) - ${start})::HUGEINT * ${parts} // ${end - start} AS INTEGER))`;
  return `WITH m AS (SELECT ${c.queue} AS queue, ${c.kind} AS kind, coalesce(${operation} = 'create', false) AS created,
      coalesce(${c.message}, hash(${c.traceId}, ${c.spanId})) AS message, any_value(${c.traceId}) AS trace, any_value(${c.service}) AS service,
      any_value(${c.name}) AS name, min(_seq) AS seq, min(_time) AS time, ${part(PARTS)} AS part, ${part(SPARK)} AS spark,
      max(greatest(1, coalesce(${size}, ${links}, 1))) AS messages, bool_or(${sampled}) AS sampled
    FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.kind} IN ('producer', 'consumer') AND ${c.queue} IS NOT NULL
      AND NOT ${isDelayed}
    GROUP BY 1, 2, 3, 4)`;
}

function total(list: readonly number[]): number {
  return list.reduce((sum, number) => sum + number, 0);
}
