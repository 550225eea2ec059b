import type { LogPage } from '../../../core/logs/schemas.ts';
import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { agentSteps } from '../../../core/traces/model/agents/agent-steps.ts';
import { CONVERSATION_ID_FIELDS } from '../../../core/traces/model/agents/generative-fields.ts';
import type { Call } from '../../../core/traces/model/call.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { traceIdField } from '../../../lib/trace-id.ts';
import { conversationOf } from './conversation/conversation.ts';
import type { TraceDocument } from './conversation/read-calls.ts';
import { callsIn, firstOfFields, recordsIn } from './conversation/read-calls.ts';
import { withMeanwhile, withSteps } from './conversation/with-steps.ts';

/** Most traces of one conversation; and most traces of a list. */
const MOST_TRACES = 50;
const MOST_LISTED = 200;
/** Most spans of a trace beside others: its export is a few megabytes. */
const MOST_SPANS = 5000;
/** Most MiB of all its traces together. A trace with more is exported as several documents. */
const MOST_MIB = 32;
const MOST_PAGES = 5;
const PAGE = 1000;

/** Asks the explorer. @throws ApiError */
type Ask = (path: string) => Promise<Response>;

/** A conversation over all traces and log records that say it. @param by the field of `id`; without it `id` is that of a trace */
export async function readWhole(id: string, by: string | undefined, ask: Ask) {
  const own = by === undefined ? traceIdField(id) : undefined;
  const room = { bytes: MOST_MIB * 1024 ** 2 };
  const document = own === undefined ? {} : await readTrace(own, room, ask);
  if (document === undefined)
    throw new Error(
      `The trace has more than ${MOST_MIB} MiB, which is too much for one conversation. In the trace, the panel of each call shows its messages.`,
    );
  const joinedBy = by === undefined ? firstOfFields([document], CONVERSATION_ID_FIELDS) : ([by, id] as const);
  const columns = await jsonOf<{ key_name: string }[]>('/1/columns/__all__', ask);
  const known = new Set(columns.map(({ key_name }) => key_name));
  // Agents give one id in several fields, so that a trace may be in several lists.
  const fields = CONVERSATION_ID_FIELDS.filter((name) => joinedBy && known.has(name)).map(
    (name) => `${name}=${joinedBy?.[1]}`,
  );
  const lists = await Promise.all(fields.map((field) => listTraces({ field, limit: MOST_LISTED }, ask)));
  const listed = new Map(lists.flatMap(({ traces }) => traces.map((trace) => [trace.trace_id, trace])));
  listed.delete(own ?? '');
  const documents = [document];
  const read = new Set([own]);
  // One after another, so that no more than the bound is in memory.
  for (const { trace_id, spans } of [...listed.values()].slice(0, MOST_TRACES - 1)) {
    const next = spans > MOST_SPANS ? undefined : await readTrace(trace_id, room, ask);
    if (room.bytes < 0) break;
    if (next === undefined) continue;
    documents.push(next);
    read.add(trace_id);
  }
  const pages = await Promise.all(fields.map((field) => readLogs(field, ask)));
  const logs = new Map(pages.flatMap(({ logs }) => logs).map((log) => [log.id, log]));
  const alone = [...logs.values()].filter(({ trace_id }) => trace_id === undefined || !read.has(trace_id));
  const steps = agentSteps([...documents.flatMap(recordsIn), ...alone]);
  const calls = withSteps(
    documents.flatMap((document) => callsIn(document)),
    steps,
  );
  const left = listed.size - (documents.length - 1);
  // A list has no resources of log records, which name the run.
  const [first] = alone;
  const form = first && (await jsonOf<TraceDocument>(`/api/logs/${first.id}`, ask));
  const run = firstOfFields([...documents, ...(form ? [form] : [])], ['tandem.run.id']);
  const meanwhile = run === undefined ? [] : await readMeanwhile(run, calls, ask);
  return {
    ...conversationOf(withMeanwhile(calls, meanwhile)),
    /** The field that joins its traces and log records; undefined for a trace alone. */
    joinedBy,
    /** Traces that are missing, because there are too many or because they are too large. */
    left,
    /** Whether it has only the first log records. */
    hasMoreLogs: pages.some(({ next }) => next !== undefined),
  };
}

async function jsonOf<T>(path: string, ask: Ask): Promise<T> {
  return (await ask(path)).json() as Promise<T>;
}

/** @param room bytes for the answer, which the answer lowers @returns undefined without enough of it */
async function readTrace(
  traceId: string,
  room: { bytes: number },
  ask: Ask,
): Promise<TraceDocument | undefined> {
  const { body } = await ask(`/api/export?trace_id=${traceId}`);
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      room.bytes -= chunk.byteLength;
      if (room.bytes < 0) controller.terminate();
      else controller.enqueue(chunk);
    },
  });
  try {
    return (await new Response(body?.pipeThrough(bound)).json()) as TraceDocument;
  } catch (error) {
    if (room.bytes < 0) return undefined;
    throw error;
  }
}

function listTraces(search: object, ask: Ask) {
  return jsonOf<{ traces: readonly TraceSummary[] }>(`/api/traces?${searchOf(search)}`, ask);
}

async function readLogs(field: string, ask: Ask): Promise<LogPage> {
  let logs: LogPage['logs'] = [];
  let next: string | undefined;
  for (let page = 0; page === 0 || (next !== undefined && page < MOST_PAGES); page++) {
    const search = searchOf({ field, order: 'oldest', limit: PAGE, cursor: next });
    const answer: LogPage = await jsonOf<LogPage>(`/api/logs?${search}`, ask);
    logs = [...logs, ...answer.logs];
    next = answer.next;
  }
  return { logs, ...(next !== undefined && { next }) };
}

/** Traces of the same run that began during the conversation, in services that are not the agent. */
async function readMeanwhile([column, value]: readonly [string, string], calls: readonly Call[], ask: Ask) {
  const start = calls.reduce((first, call) => Math.min(first, call.start), Infinity);
  const end = calls.reduce((last, call) => Math.max(last, call.end), 0);
  if (end === 0) return [];
  const range = { start_time: Math.floor(start / 1000), end_time: Math.ceil(end / 1000) + 1 };
  const search = { field: `${column}=${value}`, ...range, limit: MOST_LISTED };
  const { traces } = await listTraces(search, ask);
  const own = new Set(calls.flatMap(({ traceId, service }) => [traceId, service]));
  return traces
    .filter(({ trace_id, root }) => !own.has(trace_id) && !own.has(root.service))
    .map(({ trace_id, root, start_ns }) => ({ ...root, trace_id, start: Number(start_ns) / 1e6 }));
}
