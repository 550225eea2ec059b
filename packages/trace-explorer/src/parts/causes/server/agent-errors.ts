import { readEntries } from '../../../core/logs/read-logs.ts';
import { errorKey, keyOfId, LOG, problemId } from '../../../core/problems/problem-key.ts';
import { causeOfKey } from '../../../core/problems/sentence.ts';
import { sparkOf } from '../../../core/problems/tally.ts';
import { firstField } from '../../../core/store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { agentSteps, MATCH_WINDOW_MS, PROBLEMS } from '../../../core/traces/model/agents/agent-steps.ts';
import { CONVERSATION_ID_FIELDS } from '../../../core/traces/model/agents/generative-fields.ts';
import { TOOL_FIELDS } from '../../../core/traces/model/agents/tool-of.ts';
import { messageShape } from '../../../core/traces/model/shapes.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { ExactCause } from './schemas.ts';

/** Failures that are read, the newest. */
const MOST = 1_000;

/**
 * The requests and tools of coding agents that failed by the log records of a conversation alone: no span of their trace failed,
 * and none of the conversation together with them.
 * Counted by conversations, of all that have log records in the range.
 */
export async function readAgentErrors(
  store: SpanStore,
  { start, end }: TimeInterval,
  options: ReadOptions,
): Promise<ExactCause[]> {
  const fields = store.fields();
  if (!CONVERSATION_ID_FIELDS.some((name) => fields.has(name))) return [];
  const c = spanColumns(store);
  const read = (...names: readonly string[]) => firstField(fields, ...names);
  const fails = `(lower(${read('success')}) = 'false' OR ${read(...PROBLEMS)} IS NOT NULL)`;
  const within = '_time >= $1 AND _time < $2';
  const ids = `[${CONVERSATION_ID_FIELDS.map((name) => read(name)).join(', ')}]`;
  const isOfSpan = `list_has_any(f.ids, records.ids) AND abs(ended - _time) <= ${MATCH_WINDOW_MS * 1e6} AND coalesce(f.tool, records.tool, '') = coalesce(records.tool, '')`;
  const { rows } = await store.read(
    `WITH records AS (SELECT _seq, _time, ${c.traceId} AS trace, ${read(...CONVERSATION_ID_FIELDS)} AS id, ${fails} AS fails, ${ids} AS ids,
        ${read(...TOOL_FIELDS, 'function_name')} AS tool
      FROM spans WHERE ${within} AND ${c.isLog} AND ${read(...CONVERSATION_ID_FIELDS)} IS NOT NULL),
    f AS (SELECT ${ids} AS ids, ${c.tool} AS tool, _time + ${c.duration} AS ended
      FROM spans WHERE ${within} AND ${c.isSpan} AND ${c.error} AND ${read(...CONVERSATION_ID_FIELDS)} IS NOT NULL)
    SELECT _seq, ids, (SELECT count(DISTINCT id) FROM records) FROM records
    WHERE fails AND (trace IS NULL OR trace NOT IN (SELECT ${c.traceId} FROM spans WHERE ${within} AND ${c.isSpan} AND ${c.error})) AND NOT EXISTS (SELECT 1 FROM f WHERE ${isOfSpan})
    ORDER BY _time DESC LIMIT ${MOST}`,
    [start, end],
    options,
  );
  const idsOf = new Map(rows.map(([seq, ids]) => [String(seq), ids as readonly (string | null)[]]));
  const entries = await readEntries(store, [...idsOf.keys()].map(Number), options);
  const failures = entries.flatMap((entry) => {
    const [step] = agentSteps([entry]);
    const own = idsOf.get(entry.id) ?? [];
    const at = own.findIndex((id) => id !== null);
    const conversation = { by: CONVERSATION_ID_FIELDS[at] ?? '', id: own[at] ?? '' };
    if (!step?.failed) return [];
    const [, type = '', message = ''] = /^(\d{3}\b *)?(.*)/s.exec(step.problem ?? '') ?? [];
    const place = { service: entry.service, name: step.name, kind: LOG };
    const key = errorKey(place, { type: type.trim(), message: messageShape(message) });
    return { id: problemId(key), time: BigInt(entry.time_ns), took: step.end - step.start, conversation };
  });
  return [...Map.groupBy(failures, (failure) => failure.id)].flatMap(([id, own]): ExactCause[] => {
    const [newest, oldest] = [own[0], own.at(-1)];
    if (newest === undefined || oldest === undefined) return [];
    const times = own.map(({ time }) => time);
    const cause = {
      ...causeOfKey(keyOfId(id)),
      rules: [],
      counted: 'all' as const,
      traces: new Set(own.map(({ conversation }) => conversation.id)).size,
      of: Number(rows[0]?.[2]),
      failed: 0,
      lost_ms: own.reduce((sum, { took }) => sum + took, 0),
      first: rfc3339(oldest.time),
      last: rfc3339(newest.time),
      spark: sparkOf(times, start, end),
      routes: [],
      routes_total: 0,
      versions: [],
      conversation: newest.conversation,
    };
    return [{ cause, examples: [] }];
  });
}
