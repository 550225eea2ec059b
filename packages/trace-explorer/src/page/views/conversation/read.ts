import { traceIdField } from '../../../shared/trace-id.ts';
import { responseOf } from '../../api/api.ts';
import { sendQuery } from '../../api/send-query.ts';
import type { Conversation } from '../../conversation/conversation.ts';
import { conversationOf } from '../../conversation/conversation.ts';
import type { TraceDocument } from '../../conversation/read-calls.ts';
import { callsIn, joiningField } from '../../conversation/read-calls.ts';

/** Most traces of one conversation that are read. */
const MOST_TRACES = 50;
/** Most rows of a trace that is read with others: its export is a few megabytes. */
const MOST_ROWS = 5000;
/** Most MiB of all its traces together. A trace with more is exported as several documents. */
const MOST_MIB = 32;
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
  const room = { bytes: MOST_MIB * 1024 ** 2 };
  const document = await readTrace(traceId, room, signal);
  if (document === undefined)
    throw new Error(
      `The trace has more than ${MOST_MIB} MiB, which is too much for one conversation. In the trace, the panel of each call shows what was said.`,
    );
  const joinedBy = joiningField(document);
  const others = joinedBy === undefined ? [] : await tracesWith(joinedBy, signal);
  const fit = others.filter(({ id, rows }) => id !== traceId && rows <= MOST_ROWS).slice(0, MOST_TRACES - 1);
  const documents = [document];
  // One after another, so that no more than the bound is in memory.
  for (const { id } of fit) {
    const next = await readTrace(id, room, signal);
    if (next === undefined) break;
    documents.push(next);
  }
  const read = conversationOf(documents.flatMap(callsIn));
  const left = others.filter(({ id }) => id !== traceId).length - (documents.length - 1);
  return { ...read, joinedBy, left };
}

/** @param room what the answer may take, and takes away @returns undefined without enough of it */
async function readTrace(
  traceId: string,
  room: { bytes: number },
  signal: AbortSignal,
): Promise<TraceDocument | undefined> {
  const { body } = await responseOf(`/api/traces/${traceId}/export`, { signal });
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      room.bytes -= chunk.byteLength;
      if (room.bytes < 0) controller.terminate();
      else controller.enqueue(chunk);
    },
  });
  try {
    return await new Response(body?.pipeThrough(bound)).json();
  } catch (error) {
    if (room.bytes < 0) return undefined;
    throw error;
  }
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
