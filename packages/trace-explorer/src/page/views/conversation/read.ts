import { traceIdField } from '../../../shared/trace-id.ts';
import { getJson } from '../../api/api.ts';
import { sendQuery } from '../../api/send-query.ts';
import type { Conversation } from '../../conversation/conversation.ts';
import { conversationOf } from '../../conversation/conversation.ts';
import type { TraceDocument } from '../../conversation/read-calls.ts';
import { callsIn, joiningField } from '../../conversation/read-calls.ts';

/** Most traces of one conversation that are read. */
const MOST_TRACES = 50;
/** Most rows of a trace that is read with others: its export is a few megabytes. */
const MOST_ROWS = 5000;
/** Clocks of senders may be so far ahead. */
const SKEWED_SECONDS = 86_400;

export interface ReadConversation extends Conversation {
  /** What joins its traces; undefined for a trace alone. */
  readonly joinedBy: { readonly column: string; readonly value: string } | undefined;
  /** Traces that are not read, because there are too many or because they are too large. */
  readonly left: number;
}

/** The conversation that a trace belongs to, over all traces that say the same conversation or session. */
export async function readWhole(traceId: string, signal: AbortSignal): Promise<ReadConversation> {
  const document = await readTrace(traceId, signal);
  const joinedBy = joiningField(document);
  const others = joinedBy === undefined ? [] : await tracesWith(joinedBy, signal);
  const fit = others.filter(({ id, rows }) => id !== traceId && rows <= MOST_ROWS).slice(0, MOST_TRACES - 1);
  const documents = await Promise.all(fit.map(({ id }) => readTrace(id, signal)));
  const read = conversationOf([document, ...documents].flatMap(callsIn));
  const left = others.filter(({ id }) => id !== traceId).length - fit.length;
  return { ...read, joinedBy, left };
}

function readTrace(traceId: string, signal: AbortSignal): Promise<TraceDocument> {
  return getJson<TraceDocument>(`/api/traces/${traceId}/export`, signal);
}

async function tracesWith({ column, value }: { column: string; value: string }, signal: AbortSignal) {
  const { results } = await sendQuery(
    '__all__',
    {
      calculations: [{ op: 'COUNT' }],
      filters: [{ column, op: '=', value }],
      breakdowns: ['trace.trace_id'],
      start_time: 1,
      end_time: Math.ceil(Date.now() / 1000) + SKEWED_SECONDS,
      limit: 1000,
    },
    { series: false, signal },
  );
  return results.flatMap(({ data }) => {
    const id = data['trace.trace_id'];
    return typeof id === 'string' && id !== '' ? [{ id: traceIdField(id), rows: Number(data.COUNT) }] : [];
  });
}
