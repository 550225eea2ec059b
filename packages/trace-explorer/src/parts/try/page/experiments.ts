import type { ExperimentRun } from './runs.ts';
import { hundred, lostHop, nPlusOne, PERSON, postAndReply, swallowedContext } from './runs.ts';
import type { TracedRequest } from './traced-fetch.ts';

export interface Experiment {
  readonly key: string;
  readonly title: string;
  /** One sentence that leads the reader's eye, with the answer: told below the button once it was pressed. */
  readonly look: string;
  /** A caption for each trace, in order, when the experiment makes several. */
  readonly captions?: readonly string[];
  /** Services of the complete first trace. Absent: all services. */
  readonly expected?: readonly string[];
  /** Level at which the waterfalls fold. */
  readonly depth?: number;
  /** The fault to request from the services; needs FAULT_INJECTION. */
  readonly fault?: string;
  /** The request of the experiment. Absent: one for the home feed. */
  readonly request?: TracedRequest;
  /** Sends the requests of an experiment that needs more than one. */
  readonly run?: () => Promise<ExperimentRun>;
}

/** All experiments in groups, the simplest first. */
export const GROUPS: readonly {
  readonly title: string;
  readonly experiments: readonly Experiment[];
}[] = [
  {
    title: 'Requests',
    experiments: [
      {
        key: 'home',
        title: 'Home feed',
        look: 'One request crosses three services: the browser waits for activities-api, which waits for its database and then for user-lookup.',
      },
      {
        key: 'profile',
        title: 'A profile',
        look: 'The span is named after the route, /api/activities/@:handle, not after the person: so all profiles count together.',
        request: { method: 'GET', path: `/api/activities/@${PERSON}`, template: '/api/activities/@:handle' },
      },
      {
        key: 'search',
        title: 'Search',
        look: 'The term is in url.query, and the statement shows a placeholder where it stood: values stay out of db.query.text.',
        request: {
          method: 'GET',
          path: '/api/activities/search?term=trace',
          template: '/api/activities/search',
        },
      },
      {
        key: 'post',
        title: 'Post and reply',
        look: 'Two requests of one act share a trace, because the browser put both under one span; each asks user-lookup whether the author exists.',
        captions: ['Both requests'],
        run: postAndReply,
      },
      {
        key: 'hundred',
        title: '100 requests at once',
        look: 'The bars start together but end one after another: a waiting request is not slow, it queues for connections that the browser opens six at a time.',
        captions: ['All of them'],
        depth: 1,
        run: hundred,
      },
    ],
  },
  {
    title: 'Log lines',
    experiments: [
      {
        key: 'log-levels',
        title: 'Lines of every level',
        look: 'Each log line is a mark on the bar of the span that wrote it, with a shape for its level; the list below has their words in the order of time.',
        fault: 'activities-api:log-levels',
      },
      {
        key: 'throw',
        title: 'A line with an exception',
        look: 'The handler throws, and the API answers 500: the square is the exception, its stack is in the line’s fields and on the span, and no other service is ever called.',
        expected: ['web', 'activities-api'],
        fault: 'activities-api:throw',
      },
    ],
  },
  {
    title: 'Faults',
    experiments: [
      {
        key: 'n-plus-one',
        title: 'N+1 look-ups',
        look: 'The staircase of one call for every author, against the single call for all of them.',
        captions: ['One call for all authors', 'One call for every author'],
        fault: 'activities-api:n-plus-one',
        run: nPlusOne,
      },
      {
        key: 'slow-lookup',
        title: 'Slow user-lookup',
        look: 'The long bar is user-lookup’s own; its callers are long only because they wait, as the critical path shows.',
        fault: 'user-lookup:delay=400',
      },
      {
        key: 'failing-lookup',
        title: 'Failing user-lookup',
        look: 'user-lookup answers 503 and its caller marks an error, yet the feed answers 200 with the names it remembers: app.degraded_reason says why.',
        fault: 'user-lookup:error=503',
      },
      {
        key: 'aborted',
        title: 'Aborted connection',
        look: 'The connection breaks before an answer: the caller’s span has an error without a status code.',
        fault: 'user-lookup:abort',
      },
      {
        key: 'slow-database',
        title: 'Slow database',
        look: 'Both services’ SELECT takes 200 ms longer: one cause shows twice, each time on the statement’s own span.',
        fault: 'database:delay=200',
      },
      {
        key: 'stalled',
        title: 'A process that stands still',
        look: 'activities-api runs a loop of 300 ms while it waits for user-lookup: its call seems slow, yet user-lookup had answered long before.',
        fault: 'activities-api:stall=300',
      },
    ],
  },
  {
    title: 'Broken on purpose',
    experiments: [
      {
        key: 'cors',
        title: 'CORS that swallows traceparent',
        look: 'The browser took traceparent away, as it does where a page may not send that header to another origin, so the browser’s trace ends with its own span and the API began another.',
        captions: ['What the browser knows', 'The API’s own trace, found through traceresponse'],
        expected: ['web'],
        run: swallowedContext,
      },
      {
        key: 'lost-hop',
        title: 'A hop that drops the context',
        look: 'activities-api loses its context before it calls user-lookup: the gap under home-activities-data is a trace of its own, tied to this one by time alone.',
        captions: ['The request, without its last hop', 'The lost hop, a trace of its own'],
        expected: ['web', 'activities-api'],
        fault: 'activities-api:drop-context',
        run: lostHop,
      },
    ],
  },
];
