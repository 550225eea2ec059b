import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { lookWithin } from '../../../lib/time/looks.ts';
import { readTraces } from '../../../page/api/trace-list.ts';
import type { WebSpan } from '../../web-tracing/page/web-span.ts';
import { now, startSpan } from '../../web-tracing/page/web-span.ts';
import { NO_ANSWER } from './description.ts';
import type { Offer } from './offers.ts';
import { FAULT } from './offers.ts';
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
const PERSON = 'bayko';

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
    ...(fault !== undefined && { [FAULT]: fault }),
  };
}

/** Sends a request twice: as it is, and with a fault. */
export async function compared(
  scenario: string,
  request: TracedRequest,
  fault: string,
): Promise<ExperimentRun> {
  const usual = await once('usual', request);
  const faulty = await once(scenario, request, fault);
  return {
    outcomes: [...usual.outcomes, ...faulty.outcomes],
    spans: [...usual.spans, ...faulty.spans],
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

/** A request, and those that follow from its answer, as one act. */
export function withNext(scenario: string, title: string, { request, next }: Offer): Promise<ExperimentRun> {
  const act = startSpan(title, 'internal', { 'tandem.scenario': scenario, 'user.id': PERSON });
  const all = async () => {
    const responses = [await tracedFetch(request, baggageOf(scenario), act)];
    for (const each of next(responses[0]?.body))
      responses.push(await tracedFetch(each, baggageOf(scenario), act));
    return responses;
  };
  return below(act, all(), (responses) => responses.map((each) => outcomeOf(each).answer).join('; '));
}

/** A hundred requests: more than the browser sends at the same time. */
export function hundred(request: TracedRequest): Promise<ExperimentRun> {
  const act = startSpan('100 requests at once', 'internal', { 'tandem.scenario': 'hundred' });
  const baggage = baggageOf('hundred');
  const all = Promise.all(Array.from({ length: 100 }, () => tracedFetch(request, baggage, act)));
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
export async function swallowedContext(request: TracedRequest): Promise<ExperimentRun> {
  const run = await once('cors', { ...request, stripped: true });
  const { responseTraceId: traceId, span } = run.response;
  if (traceId === undefined || traceId === span.traceId) return run;
  return { ...run, outcomes: [...run.outcomes, { traceId }] };
}

/**
 * A request whose last hop starts a new trace, which is then looked for.
 * @param routes of the API, by the names of their spans: a trace that begins with one is another request
 */
export async function lostHop(
  scenario: string,
  request: TracedRequest,
  fault: string,
  routes: ReadonlySet<string>,
): Promise<ExperimentRun> {
  const run = await once(scenario, request, fault);
  const { span } = run.response;
  return { ...run, find: (signal) => findLostTrace(routes, span, signal) };
}

/** How long services may take to send their spans, and the time between two searches, in milliseconds. */
const SEARCHED = { ms: 12_000, pauseMs: 300 };

/** Looks for a trace that began during `span`, and not with a request of the API. */
async function findLostTrace(
  routes: ReadonlySet<string>,
  span: WebSpan,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const query = searchOf({ start_time: Math.floor(span.start / 1000), limit: 50 });
  const isMeant = (trace: TraceSummary) => {
    const start = Number(BigInt(trace.start_ns) / 1000n) / 1000;
    const isOther = trace.trace_id !== span.traceId && !routes.has(trace.root.name);
    return isOther && start >= span.start && start <= span.end;
  };
  return lookWithin({ ...SEARCHED, signal }, async () => {
    const { traces } = await readTraces(query, signal);
    const found = traces.find(isMeant);
    return found && { traceId: found.trace_id };
  });
}
