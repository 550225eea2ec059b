import { searchOf } from '../../../core/shared/search-of.ts';
import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { readTraces } from '../../../page/api/trace-list.ts';
import type { WebSpan } from '../../web-tracing/page/web-span.ts';
import { now, startSpan } from '../../web-tracing/page/web-span.ts';
import type { ExperimentRun, Outcome } from './outcome.ts';
import { NO_ANSWER, outcomeOf } from './outcome.ts';
import type { TracedRequest, TracedResponse } from './traced-fetch.ts';
import { tracedFetch } from './traced-fetch.ts';

/** The user in all requests. */
export const PERSON = 'bayko';
export const HOME = {
  method: 'GET',
  path: '/api/activities/home',
  template: '/api/activities/home',
} as const;

/** One request in a trace of its own. */
export async function once(
  scenario: string,
  request: TracedRequest,
  fault?: string,
): Promise<ExperimentRun & { response: TracedResponse }> {
  const response = await tracedFetch({ ...request, baggage: baggageOf(scenario, fault) });
  return { response, outcomes: [outcomeOf(response)], spans: [response.span] };
}

function baggageOf(scenario: string, fault?: string): Record<string, string> {
  return {
    'tandem.scenario': scenario,
    'user.id': PERSON,
    ...(fault !== undefined && { 'tandem.fault': fault }),
  };
}

/** Requests the home feed twice: with one request to user-lookup for all authors, then with one per author. */
export async function nPlusOne(): Promise<ExperimentRun> {
  const batched = await once('batched', HOME);
  const single = await once('n-plus-one', HOME, 'activities-api:n-plus-one');
  return {
    outcomes: [...batched.outcomes, ...single.outcomes],
    spans: [...batched.spans, ...single.spans],
  };
}

/** Two requests of one action, below one span of the browser. */
export async function postAndReply(): Promise<ExperimentRun> {
  const act = startSpan('post and reply', 'internal', { 'tandem.scenario': 'post', 'user.id': PERSON });
  const send = (path: string, template: string, message: string) =>
    tracedFetch(
      {
        method: 'POST',
        path,
        template,
        body: { handle: PERSON, message, ttl: '1-hour' },
        baggage: baggageOf('post'),
      },
      act,
    );
  const posted = await send('/api/activities', '/api/activities', 'A trace begins in the browser.');
  const uuid = uuidOf(posted.body);
  const replied =
    uuid === undefined
      ? undefined
      : await send(`/api/activities/${uuid}/reply`, '/api/activities/:uuid/reply', 'And ends in a database.');
  act.end = now();
  const responses = replied === undefined ? [posted] : [posted, replied];
  const answers = responses.map((response) => outcomeOf(response));
  const problem = answers.find((outcome) => outcome.problem)?.problem;
  return {
    outcomes: [
      {
        traceId: act.traceId,
        answer: answers.map((outcome) => outcome.answer).join('; '),
        ...(problem !== undefined && { problem }),
      },
    ],
    spans: [act, ...responses.map((response) => response.span)],
  };
}

/** A hundred requests below one span: more than the browser sends at the same time. */
export async function hundred(): Promise<ExperimentRun> {
  const act = startSpan('100 requests at once', 'internal', { 'tandem.scenario': 'hundred' });
  const request = { ...HOME, baggage: baggageOf('hundred') };
  const responses = await Promise.all(Array.from({ length: 100 }, () => tracedFetch(request, act)));
  act.end = now();
  const counts = new Map<number, number>();
  for (const { status } of responses) counts.set(status, (counts.get(status) ?? 0) + 1);
  const failed = responses.find(({ status }) => status === 0);
  const answer = [...counts]
    .map(([status, count]) => (status === 0 ? `${count} without an answer` : `${count} answered ${status}`))
    .join(', ');
  const limited = counts.has(429)
    ? ' The API limits requests per minute: wait, or raise RATE_LIMIT_MAX.'
    : '';
  return {
    outcomes: [
      {
        traceId: act.traceId,
        answer: `${answer}.${limited}`,
        ...(failed !== undefined && { problem: NO_ANSWER }),
      },
    ],
    spans: [act, ...responses.map((response) => response.span)],
  };
}

/** A request whose trace context does not leave the browser. */
export async function swallowedContext(): Promise<ExperimentRun> {
  const response = await tracedFetch({ ...HOME, baggage: { 'tandem.scenario': 'cors' }, stripped: true });
  const { responseTraceId, span } = response;
  return {
    outcomes: [
      outcomeOf(response),
      ...(responseTraceId === undefined || responseTraceId === span.traceId
        ? []
        : [{ traceId: responseTraceId }]),
    ],
    spans: [span],
  };
}

/** A request whose last hop starts a new trace, which is then looked for. */
export async function lostHop(): Promise<ExperimentRun> {
  const run = await once('lost-hop', HOME, 'activities-api:drop-context');
  const { span } = run.response;
  return { ...run, find: (signal) => findOwnTrace('user-lookup', span, signal) };
}

function uuidOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'uuid' in body && typeof body.uuid === 'string'
    ? body.uuid
    : undefined;
}

/** Milliseconds between two searches; and the number of searches: services send their spans within a few seconds. */
const PAUSE_MS = 300;
const LOOKS = 40;

/** Looks for another trace with a span of the service that began during `span`. */
async function findOwnTrace(
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
