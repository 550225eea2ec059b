import type { Description } from './description.ts';
import type { Offer, OfferedFault } from './offers.ts';
import { faultsOf, offersOf, routesOf } from './offers.ts';
import type { ExperimentRun } from './runs.ts';
import { compared, hundred, lostHop, once, swallowedContext, withNext } from './runs.ts';
import type { TracedRequest } from './traced-fetch.ts';

export interface Experiment {
  readonly key: string;
  readonly title: string;
  /** One sentence that leads the reader's eye, with the answer: told below the button once it was pressed. */
  readonly look: string;
  /** A caption for each trace, in order, when the experiment makes several. */
  readonly captions?: readonly string[];
  /** Services of the complete first trace, as far as the description names them. */
  readonly expected: readonly string[];
  /** Level at which the waterfalls fold. */
  readonly depth?: number;
  /** Whether something goes wrong in it. */
  readonly isFaulty?: boolean;
  /** Sends the requests. */
  readonly run: () => Promise<ExperimentRun>;
}

export interface ExperimentGroup {
  readonly title: string;
  readonly experiments: readonly Experiment[];
}

/**
 * The experiments that an API's own description allows, in groups, the simplest first. The description says which requests and
 * faults there are, and how they are called; the page adds what to look at in their traces. Faults are tried on the first
 * request that changes nothing.
 */
export function experimentsOf(description: Description): readonly ExperimentGroup[] {
  const api = description.info?.title ?? '';
  const expected = ['web', ...(api === '' ? [] : [api])];
  const offers = offersOf(description);
  const routes = routesOf(description);
  const usual = offers.find(({ request }) => request.method === 'GET')?.request;
  const faults = usual === undefined ? [] : faultsOf(description);
  const faulty = (group: FaultGroup) =>
    faults.flatMap((fault) => {
      const added = ADDED[fault.value.split('=', 1)[0] ?? ''] ?? {};
      return usual === undefined || (added.group ?? 'Faults') !== group
        ? []
        : withFault(fault, added, usual, routes, expected);
    });
  const groups = [
    {
      title: 'Requests',
      experiments: [
        ...offers.map((offer) => ofOffer(offer, api, expected)),
        ...(usual === undefined ? [] : [atOnce(usual, expected)]),
      ],
    },
    { title: 'Log lines', experiments: faulty('Log lines') },
    { title: 'Faults', experiments: faulty('Faults') },
    {
      title: 'Broken on purpose',
      experiments: [...(usual === undefined ? [] : [withoutContext(usual)]), ...faulty('Broken on purpose')],
    },
  ];
  return groups.filter(({ experiments }) => experiments.length > 0);
}

function ofOffer(offer: Offer, api: string, expected: readonly string[]): Experiment {
  const { key, title, request, hasNext } = offer;
  return {
    key,
    title,
    look: lookAt(offer, api),
    expected,
    ...(hasNext && { captions: ['All requests'] }),
    run: () => (hasNext ? withNext(key, title, offer) : once(key, request)),
  };
}

/** What a request's form shows in its trace. */
function lookAt({ request, hasNext, isOfOne }: Offer, api: string): string {
  if (hasNext)
    return 'Requests of one act share a trace, because the browser put them under one span: the second one takes its path from the answer to the first.';
  if (isOfOne)
    return `The span is named after the route, ${request.template}, and not after what was asked for: so all requests of the route count together.`;
  if (request.body !== undefined)
    return 'The body is in no span: a statement has placeholders where its values stood.';
  if (request.path.includes('?'))
    return 'What was asked for is in url.query, and the statement shows a placeholder where it stood: values stay out of db.query.text.';
  return `One request crosses several services: the browser waits for ${api || 'the API'}, which waits for its database and for the services that it asks.`;
}

function atOnce(usual: TracedRequest, expected: readonly string[]): Experiment {
  return {
    key: 'hundred',
    title: '100 requests at once',
    look: 'The bars start together but end one after another: a waiting request is not slow, it queues for connections that the browser opens six at a time.',
    captions: ['All of them'],
    expected,
    depth: 1,
    run: () => hundred(usual),
  };
}

function withoutContext(usual: TracedRequest): Experiment {
  return {
    key: 'cors',
    title: 'CORS that swallows traceparent',
    look: 'The browser took traceparent away, as it does where a page may not send that header to another origin, so the browser’s trace ends with its own span and the API began another.',
    captions: ['What the browser knows', 'The API’s own trace, found through traceresponse'],
    expected: ['web'],
    run: () => swallowedContext(usual),
  };
}

function withFault(
  { key, title, value, description }: OfferedFault,
  { look = description, captions, run = once }: Added,
  usual: TracedRequest,
  routes: ReadonlySet<string>,
  expected: readonly string[],
): Experiment {
  return {
    key,
    title,
    look,
    expected,
    ...(captions && { captions }),
    isFaulty: true,
    run: () => run(key, usual, value, routes),
  };
}

type FaultGroup = 'Log lines' | 'Faults' | 'Broken on purpose';

/** What the page knows of a fault besides its description. */
interface Added {
  readonly group?: FaultGroup;
  readonly look?: string;
  readonly captions?: readonly string[];
  readonly run?: (
    key: string,
    request: TracedRequest,
    fault: string,
    routes: ReadonlySet<string>,
  ) => Promise<ExperimentRun>;
}

/** By the fault without its number. A fault that is not here has a button too, and its own words. */
const ADDED: Readonly<Record<string, Added>> = {
  'activities-api:log-levels': {
    group: 'Log lines',
    look: 'Each log line is a mark on the bar of the span that wrote it, with a shape for its level; the list below has their words in the order of time.',
  },
  'activities-api:throw': {
    group: 'Log lines',
    look: 'The handler throws, and the API answers 500: the square is the exception, its stack is in the line’s fields and on the span, and no other service is ever called.',
  },
  'activities-api:n-plus-one': {
    look: 'The staircase of one call for every author, against the single call for all of them.',
    captions: ['One call for all authors', 'One call for every author'],
    run: compared,
  },
  'user-lookup:delay': {
    look: 'The long bar is user-lookup’s own; its callers are long only because they wait, as the critical path shows.',
  },
  'user-lookup:error': {
    look: 'user-lookup answers 503 and its caller marks an error, yet the feed answers 200 with the names it remembers: app.degraded_reason says why.',
  },
  'user-lookup:abort': {
    look: 'The connection breaks before an answer: the caller’s span has an error without a status code.',
  },
  'database:delay': {
    look: 'Both services’ SELECT takes 200 ms longer: one cause shows twice, each time on the statement’s own span.',
  },
  'activities-api:stall': {
    look: 'activities-api runs a loop of 300 ms while it waits for user-lookup: its call seems slow, yet user-lookup had answered long before.',
  },
  'activities-api:drop-context': {
    group: 'Broken on purpose',
    look: 'activities-api loses its context before it calls user-lookup: the gap under home-activities-data is a trace of its own, tied to this one by time alone.',
    captions: ['The request, without its last hop', 'The lost hop, a trace of its own'],
    run: lostHop,
  },
};
