import { searchOf } from '../../../shared/search-of.ts';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { readTraces } from '../../ask/trace-list.ts';
import type { WebSpan } from '../../tracing/web-span.ts';
import type { Outcome } from './outcome.ts';

/** Milliseconds between two searches; and the number of searches: services send their spans within a few seconds. */
const PAUSE_MS = 300;
const LOOKS = 40;

/** Looks for another trace with a span of the service that began during `span`. */
export async function findOwnTrace(
  service: string,
  span: WebSpan,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const query = searchOf({ service, start_time: Math.floor(span.start / 1000), limit: 50 });
  const isMeant = (trace: TraceSummary) => {
    const start = Number(BigInt(trace.start_ns) / 1000n) / 1000;
    return trace.trace_id !== span.traceId && start >= span.start && start <= span.end;
  };
  for (let look = 0; look < LOOKS && !signal.aborted; look++) {
    const { traces } = await readTraces(query, signal);
    const found = traces.find(isMeant);
    if (found !== undefined) return { traceId: found.trace_id };
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return undefined;
}
