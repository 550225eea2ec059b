import type { Place } from '../../../core/places/place.ts';
import { hrefOf, parsePlace, tracePlace } from '../../../core/places/place.ts';
import type { Status } from '../../../core/status.ts';
import { readTraceReference } from '../../../core/traces/model/trace-reference.ts';
import { getJson } from '../../api/api.ts';
import { placeNow } from '../../browser/router.ts';
import type { Destination, Sought } from '../../part.ts';
import { shownParts } from '../../shown-parts.ts';
import { menuViews, moreViews } from '../../view-of.ts';

/** Destinations shown at a time. */
const MOST = 20;

/** The order of destinations that fit equally well. */
const KINDS: readonly Destination['kind'][] = [
  'view',
  'action',
  'query',
  'cause',
  'service',
  'route',
  'user',
];

/** The trace or link of this page that the text names. Undefined when the text is a word to look for. */
export function namedPlace(text: string): Destination | undefined {
  const place = linkedPlace(text.trim());
  if (place !== undefined) return { kind: 'link', text: 'Open the link', detail: text.trim(), place };
  const trace = readTraceReference(text);
  if (trace === undefined) return undefined;
  const to = tracePlace(trace.traceId, trace.spanId);
  if (hrefOf(to) === undefined) return undefined;
  return {
    kind: 'trace',
    text: `Trace ${trace.traceId}`,
    ...(trace.spanId !== undefined && { detail: `at span ${trace.spanId}` }),
    place: to,
  };
}

/** The place that a URL of this page names, with any of this machine's names. */
function linkedPlace(text: string): Place | undefined {
  if (!/^(?:https?:\/\/|\/)\S*$/u.test(text)) return undefined;
  const url = URL.parse(text, location.origin);
  if (url === null) return undefined;
  const local = ['localhost', '127.0.0.1', '[::1]'];
  const isHere =
    url.hostname === location.hostname || (local.includes(url.hostname) && local.includes(location.hostname));
  return isHere && url.port === location.port ? parsePlace(url) : undefined;
}

/** Destinations with names. They are read once per opening of the box. */
export async function readDestinations(signal: AbortSignal): Promise<readonly Destination[]> {
  const ofParts = shownParts().map(async ({ destinations }) => {
    const code = await destinations?.read?.();
    return (await code?.default(signal)) ?? [];
  });
  return inOrder([...(await readServices(signal)), ...(await Promise.all(ofParts)).flat()]);
}

/** Letters of a text from which on rows are looked for by it. */
const LEAST_LETTERS = 3;

/** Destinations that are looked for by a text. What cannot be read is left out. */
export async function findDestinations(sought: Sought, signal: AbortSignal): Promise<readonly Destination[]> {
  if (sought.text.length < LEAST_LETTERS) return [];
  const ofParts = shownParts().map(async ({ destinations }) => {
    const code = await destinations?.find?.();
    return (await code?.default(sought, signal).catch(() => [])) ?? [];
  });
  return inOrder((await Promise.all(ofParts)).flat());
}

const ACTIONS = [
  ['pipeline', 'Pipeline', 'senders services refused dropped forward collector'],
  ['import', 'Import', 'files otlp json'],
  ['keys', 'Keys and signs', 'help shortcuts'],
  ['delete', 'Delete', 'clear remove data'],
] as const;

/** Views, actions and queries, which are known without asking. */
export function knownDestinations(): readonly Destination[] {
  const views = [...menuViews([]), ...moreViews()].map(
    ({ view, title, words }): Destination => ({
      kind: 'view',
      text: title,
      ...(words !== undefined && { words }),
      place: { view, params: {} },
    }),
  );
  const place = placeNow();
  const actions = ACTIONS.map(
    ([opens, text, words]) => ({ kind: 'action', opens, text, words, place }) as const,
  );
  return inOrder([
    ...views,
    ...actions,
    ...shownParts().flatMap(({ destinations }) => destinations?.known?.() ?? []),
  ]);
}

/** Destinations by their kind, without those whose view this page has not. */
function inOrder(all: readonly Destination[]): Destination[] {
  return all
    .filter(({ place }) => hrefOf(place) !== undefined)
    .toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

async function readServices(signal: AbortSignal): Promise<Destination[]> {
  const { services } = await getJson<Status>('/api/status', signal);
  const actions = shownParts().flatMap(({ destinations }) => destinations?.ofService ?? []);
  return services.flatMap(({ name }) =>
    actions.flatMap(({ label, place }): Destination[] => {
      const to = place(name);
      return to === undefined ? [] : [{ kind: 'service', text: name, detail: label, place: to }];
    }),
  );
}

/** Destinations with every word of the text in them; destinations that begin with the text come first. */
export function matching(all: readonly Destination[], text: string): readonly Destination[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/u);
  const found = all
    .map((each) => ({
      each,
      name: each.text.toLowerCase(),
      whole: `${each.text} ${each.detail ?? ''} ${each.kind} ${each.words ?? ''}`.toLowerCase(),
    }))
    .filter(({ whole }) => words.every((word) => whole.includes(word)));
  const rank = (name: string) => (name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : 2);
  return found
    .sort((a, b) => rank(a.name) - rank(b.name))
    .slice(0, MOST)
    .map(({ each }) => each);
}
