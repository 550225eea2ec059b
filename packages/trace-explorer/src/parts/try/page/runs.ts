import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { readTraces } from '../../../page/api/trace-list.ts';
import { pageSettings } from '../../../page/browser/settings.ts';
import type { WebSpan } from '../../web-tracing/page/web-span.ts';
import { now, startSpan } from '../../web-tracing/page/web-span.ts';
import type { TracedRequest, TracedResponse } from './traced-fetch.ts';
import { tracedFetch } from './traced-fetch.ts';

/** A trace that an experiment made. */
export interface Outcome {
  readonly traceId: string;
  /** The API's answer in a few words. Undefined for a trace without a response. */
  readonly answer?: string;
  /** The reason that there was no answer. */
  readonly problem?: string;
}

export interface ExperimentRun {
  readonly outcomes: readonly Outcome[];
  readonly spans: readonly WebSpan[];
  /** Looks for a trace that no response names. Called after the export. */
  readonly find?: (signal: AbortSignal) => Promise<Outcome | undefined>;
}

const NO_ANSWER = `The API at ${pageSettings.apiUrl} did not answer this page.`;

function outcomeOf({ span, status, responseTraceId }: TracedResponse): Outcome {
  const { traceId } = span;
  if (status === 0) return { traceId, problem: NO_ANSWER };
  const same =
    responseTraceId === traceId ? 'traceresponse names this trace' : 'traceresponse names another trace';
  return {
    traceId,
    answer: `${status}, ${responseTraceId === undefined ? 'no readable traceresponse' : same}`,
  };
}

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
  const response = await tracedFetch(request, baggageOf(scenario, fault));
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

async function below(
  act: WebSpan,
  responses: Promise<readonly TracedResponse[]>,
  answerOf: (responses: readonly TracedResponse[]) => string,
): Promise<ExperimentRun> {
  const answered = await responses;
  act.end = now();
  const isFailed = answered.some(({ status }) => status === 0);
  const problem = isFailed && { problem: NO_ANSWER };
  return {
    outcomes: [{ traceId: act.traceId, answer: answerOf(answered), ...problem }],
    spans: [act, ...answered.map(({ span }) => span)],
  };
}

/** Two requests of one action. */
export function postAndReply(): Promise<ExperimentRun> {
  const act = startSpan('post and reply', 'internal', { 'tandem.scenario': 'post', 'user.id': PERSON });
  const send = (path: string, template: string, message: string) => {
    const body = { handle: PERSON, message, ttl: '1-hour' };
    return tracedFetch({ method: 'POST', path, template, body }, baggageOf('post'), act);
  };
  const both = async () => {
    const posted = await send('/api/activities', '/api/activities', 'A trace begins in the browser.');
    const { uuid } = Object(posted.body);
    if (typeof uuid !== 'string') return [posted];
    const path = `/api/activities/${uuid}/reply`;
    return [posted, await send(path, '/api/activities/:uuid/reply', 'And ends in a database.')];
  };
  return below(act, both(), (responses) => responses.map((each) => outcomeOf(each).answer).join('; '));
}

/** A hundred requests: more than the browser sends at the same time. */
export function hundred(): Promise<ExperimentRun> {
  const act = startSpan('100 requests at once', 'internal', { 'tandem.scenario': 'hundred' });
  const baggage = baggageOf('hundred');
  const all = Promise.all(Array.from({ length: 100 }, () => tracedFetch(HOME, baggage, act)));
  return below(act, all, (responses) => {
    const answers = [...Map.groupBy(responses, ({ status }) => status)].map(([status, { length }]) =>
      status === 0 ? `${length} without an answer` : `${length} answered ${status}`,
    );
    const isLimited = responses.some(({ status }) => status === 429);
    const limited = isLimited ? ' The API limits requests per minute: wait, or raise RATE_LIMIT_MAX.' : '';
    return `${answers.join(', ')}.${limited}`;
  });
}

/** A request whose trace context does not leave the browser. */
export async function swallowedContext(): Promise<ExperimentRun> {
  const run = await once('cors', { ...HOME, stripped: true });
  const { responseTraceId: traceId, span } = run.response;
  if (traceId === undefined || traceId === span.traceId) return run;
  return { ...run, outcomes: [...run.outcomes, { traceId }] };
}

/** A request whose last hop starts a new trace, which is then looked for. */
export async function lostHop(): Promise<ExperimentRun> {
  const run = await once('lost-hop', HOME, 'activities-api:drop-context');
  const { span } = run.response;
  return { ...run, find: (signal) => findOwnTrace('user-lookup', span, signal) };
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
