import { settings } from '../../client/settings.ts';
import { findOwnTrace } from './find-own-trace.ts';
import type { TracedResponse } from './traced-fetch.ts';
import { tracedFetch } from './traced-fetch.ts';
import type { WebSpan } from './web-span.ts';
import { now, startSpan } from './web-span.ts';

/** A trace that an experiment made. */
export interface Outcome {
  readonly traceId: string;
  /** What the API said, in a few words; undefined for a trace that was only found. */
  readonly answer?: string;
  /** What went wrong with asking, and what to do. */
  readonly problem?: string;
}

export interface Run {
  readonly outcomes: readonly Outcome[];
  /** Spans of the browser, to be exported. */
  readonly spans: readonly WebSpan[];
  /** Looks for a trace that no response names; called after the export. */
  readonly find?: (signal: AbortSignal) => Promise<Outcome | undefined>;
}

export interface Experiment {
  readonly key: string;
  readonly group: 'requests' | 'faults' | 'broken';
  readonly title: string;
  /** What to look for, in one sentence. */
  readonly look: string;
  /** What each of its traces is, in order. */
  readonly captions: readonly string[];
  /** Services that the first trace has when it is complete. */
  readonly expected: readonly string[];
  /** Level at which its waterfalls are folded. */
  readonly depth?: number;
  /** What the services are asked to do wrong; needs FAULT_INJECTION. */
  readonly fault?: string;
  readonly run: () => Promise<Run>;
}

const noAnswer = `The API at ${settings.apiUrl} did not answer this page.`;

const all = ['web', 'activities-api', 'user-lookup'];
const person = 'bayko';
const home = { method: 'GET', path: '/api/activities/home', template: '/api/activities/home' } as const;

/** Everything that can be tried, in the order in which it explains itself. */
export const experiments: readonly Experiment[] = [
  {
    key: 'home',
    group: 'requests',
    title: 'Home feed',
    look: 'One request crosses three services: the browser waits for activities-api, which waits for its database and then for user-lookup.',
    captions: ['The request'],
    expected: all,
    run: () => once('home', home),
  },
  {
    key: 'profile',
    group: 'requests',
    title: 'A profile',
    look: 'The span is named after the route, /api/activities/@:handle, not after the person: so all profiles can be counted together.',
    captions: ['The request'],
    expected: all,
    run: () =>
      once('profile', {
        method: 'GET',
        path: `/api/activities/@${person}`,
        template: '/api/activities/@:handle',
      }),
  },
  {
    key: 'search',
    group: 'requests',
    title: 'Search',
    look: 'The term is in url.query, and the statement shows a placeholder where it stood: values stay out of db.query.text.',
    captions: ['The request'],
    expected: all,
    run: () =>
      once('search', {
        method: 'GET',
        path: '/api/activities/search?term=trace',
        template: '/api/activities/search',
      }),
  },
  {
    key: 'post',
    group: 'requests',
    title: 'Post and reply',
    look: 'Two requests of one act share a trace, because the browser put both under one span; each asks user-lookup whether the author exists.',
    captions: ['Both requests'],
    expected: all,
    run: postAndReply,
  },
  {
    key: 'hundred',
    group: 'requests',
    title: '100 requests at once',
    look: 'The bars start together but end one after another: what waits is not slow, it queues for connections that the browser opens six at a time.',
    captions: ['All of them'],
    expected: all,
    depth: 1,
    run: hundred,
  },
  {
    key: 'n-plus-one',
    group: 'faults',
    title: 'N+1 look-ups',
    look: 'The staircase of one call for every author, against the single call for all of them.',
    captions: ['One call for all authors', 'One call for every author'],
    expected: all,
    fault: 'activities-api:n-plus-one',
    async run() {
      const batched = await once('batched', home);
      const single = await once('n-plus-one', home, 'activities-api:n-plus-one');
      return {
        outcomes: [...batched.outcomes, ...single.outcomes],
        spans: [...batched.spans, ...single.spans],
      };
    },
  },
  {
    key: 'slow-lookup',
    group: 'faults',
    title: 'Slow user-lookup',
    look: 'The long bar is user-lookup’s own; what calls it is long only because it waits, as the critical path shows.',
    captions: ['The request'],
    expected: all,
    fault: 'user-lookup:delay=400',
    run: () => once('slow-lookup', home, 'user-lookup:delay=400'),
  },
  {
    key: 'failing-lookup',
    group: 'faults',
    title: 'Failing user-lookup',
    look: 'user-lookup answers 503 and its caller marks an error, yet the feed answers 200 without names: app.degraded_reason says why.',
    captions: ['The request'],
    expected: all,
    fault: 'user-lookup:error=503',
    run: () => once('failing-lookup', home, 'user-lookup:error=503'),
  },
  {
    key: 'aborted',
    group: 'faults',
    title: 'Aborted connection',
    look: 'The connection breaks before an answer: the caller’s span has an error without a status code.',
    captions: ['The request'],
    expected: all,
    fault: 'user-lookup:abort',
    run: () => once('aborted', home, 'user-lookup:abort'),
  },
  {
    key: 'slow-database',
    group: 'faults',
    title: 'Slow database',
    look: 'Both services’ SELECT takes 200 ms longer: one cause shows in two places, each on the statement’s own span.',
    captions: ['The request'],
    expected: all,
    fault: 'database:delay=200',
    run: () => once('slow-database', home, 'database:delay=200'),
  },
  {
    key: 'cors',
    group: 'broken',
    title: 'CORS that swallows traceparent',
    look: 'The browser took traceparent away, as it does where a page may not send that header to another origin, so the browser’s trace ends with its own span and the API began another.',
    captions: ['What the browser knows', 'The API’s own trace, found through traceresponse'],
    expected: ['web'],
    run: swallowedContext,
  },
  {
    key: 'lost-hop',
    group: 'broken',
    title: 'A hop that drops the context',
    look: 'activities-api loses its context before it calls user-lookup: the gap under home-activities-data is a trace of its own, tied to this one by time alone.',
    captions: ['The request, without its last hop', 'The lost hop, a trace of its own'],
    expected: ['web', 'activities-api'],
    fault: 'activities-api:drop-context',
    run: lostHop,
  },
];

async function once(
  scenario: string,
  request: Parameters<typeof tracedFetch>[0],
  fault?: string,
): Promise<Run & { response: TracedResponse }> {
  const response = await tracedFetch({ ...request, baggage: baggageOf(scenario, fault) });
  return { response, outcomes: [outcomeOf(response)], spans: [response.span] };
}

function baggageOf(scenario: string, fault?: string): Record<string, string> {
  return {
    'tandem.scenario': scenario,
    'user.id': person,
    ...(fault !== undefined && { 'tandem.fault': fault }),
  };
}

async function postAndReply(): Promise<Run> {
  const act = startSpan('post and reply', 'internal', { 'tandem.scenario': 'post', 'user.id': person });
  const send = (path: string, template: string, message: string) =>
    tracedFetch(
      {
        method: 'POST',
        path,
        template,
        body: { handle: person, message, ttl: '1-hour' },
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

async function hundred(): Promise<Run> {
  const act = startSpan('100 requests at once', 'internal', { 'tandem.scenario': 'hundred' });
  const request = { ...home, baggage: baggageOf('hundred') };
  const responses = await Promise.all(Array.from({ length: 100 }, () => tracedFetch(request, act)));
  act.end = now();
  const counts = new Map<number, number>();
  for (const { status } of responses) counts.set(status, (counts.get(status) ?? 0) + 1);
  const failed = responses.find(({ status }) => status === 0);
  const answer = [...counts].map(([status, count]) => `${count} × ${status || 'no answer'}`).join(', ');
  const limited = counts.has(429) ? ' The API limits requests a minute: wait, or raise RATE_LIMIT_MAX.' : '';
  return {
    outcomes: [
      {
        traceId: act.traceId,
        answer: `${answer}.${limited}`,
        ...(failed !== undefined && { problem: noAnswer }),
      },
    ],
    spans: [act, ...responses.map((response) => response.span)],
  };
}

async function swallowedContext(): Promise<Run> {
  const response = await tracedFetch({ ...home, baggage: { 'tandem.scenario': 'cors' }, stripped: true });
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

async function lostHop(): Promise<Run> {
  const run = await once('lost-hop', home, 'activities-api:drop-context');
  const { span } = run.response;
  return { ...run, find: (signal) => findOwnTrace('user-lookup', span, signal) };
}

function outcomeOf({ span, status, responseTraceId }: TracedResponse): Outcome {
  const { traceId } = span;
  if (status === 0) return { traceId, problem: noAnswer };
  const same =
    responseTraceId === traceId ? 'traceresponse names this trace' : 'traceresponse names another trace';
  return {
    traceId,
    answer: `${status}, ${responseTraceId === undefined ? 'no traceresponse to be read' : same}`,
  };
}

function uuidOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'uuid' in body && typeof body.uuid === 'string'
    ? body.uuid
    : undefined;
}
