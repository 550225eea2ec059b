import { getOrMake, perModel } from '../../../lib/get-or-make.ts';
import { formatDuration } from '../../../lib/text/format-duration.ts';
import { isLoopbackHost } from '../../../lib/text/loopback.ts';
import { counted, formatBytes, formatCount, quoted } from '../../../lib/text/words.ts';
import { toolOf } from '../model/agents/tool-of.ts';
import { answerOf } from '../model/children.ts';
import { pathShape, shapedName, THIS_MACHINE } from '../model/shapes.ts';
import { METHOD_ALONE } from '../model/span-facts.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { Calls, TraceFacts } from './facts.ts';
import type { Sentence } from './sentence.ts';
import { ofService, say, sentenceText } from './sentence.ts';

/** Names that are only a method, and names that a proxy gives to all of its calls: `users:80/*`, and a template that nobody filled in. */
const SAYS_NOTHING = new RegExp(`^${METHOD_ALONE}$|/\\*$|\\$\\{`);

/** Names of spans that stay open, because waiting is their work. The last one is Envoy's. */
const STREAM = /(?<!up|down)stream|watch|subscri|websocket|\bsse\b|\blong-?poll|AggregatedResources/i;

/** Commands of Redis that wait until there is something to answer. */
const WAITS_FOR_MORE = /^(?:redis-)?(?:B[LRZ]M?POP|BLMOVE|XREAD)/i;

/** Names of spans in which an agent waits for a person. */
const PERSON =
  /blocked[ _.-]?on[ _.-]?(?:user|human|person)|(?:wait(?:ing)?[ _.-]?for|(?<![a-z])ask)[ _.-]?(?:user|human|person|approval|permission)|human[ _.-]?(?:input|approval)/i;

/** Names of spans in which Next loads code, which a server does once, with the first request that needs it. */
const LOADS_CODE =
  /^(?:load (?:app )?route (?:module|manifests)|load instrumentation module|resolve (?:page components|segment modules))$/;

/** Most characters of a message. */
const LONGEST_MESSAGE = 300;

/** Shorter waits, and smaller shares of a request, are not worth a change: under load, each process has turns of 20 ms. */
const LEAST_NS = 50e6;
const LEAST_SHARE = 0.1;

/** How an advice ends where nobody knows which function ran: of a process that can be profiled, and of any. */
export const WITH_A_PROFILE = ' Under run --profile, the function is named.';
export const BY_A_PROFILE = ' or look at a CPU profile.';

/** Whether nanoseconds that a request waited are worth a sentence. @param limits a share of the limits that is enough */
export function isWorthSaying(waited: number, request: number, limits = 1): boolean {
  return waited >= LEAST_NS * limits && waited >= request * LEAST_SHARE * limits;
}

/**
 * A span by its name, by the called address when the name is only a method, a request then by its route, by operation and table when
 * it is a statement whose name lacks the table, and by an agent's tool: `GET users:4568/api/users`.
 */
export function nameOf(model: TraceModel, index: number): string {
  if (index < 0) return 'the trace';
  const name = routeName(model, index);
  const target = saysNothing(name) ? model.target(index) : toolOf(model, index);
  return quoted(target === undefined ? statementName(model, index, name) : `${name} ${target}`);
}

/** The name of a span; of a request without a route with its path, whose ids are left out: a server of node:http calls all of them `GET`. */
export function routeName(model: TraceModel, index: number): string {
  const name = model.name(index);
  return model.kind(index) === 'server' && saysNothing(name) ? shapedName(name, model.shape(index)) : name;
}

/** The name of a request. A server without routes says only the method: the path that was called is added, without ids. */
export function routeOf(model: TraceModel, index: number): string {
  const name = model.name(index);
  const path = /^[^/]*(\/.*)$/.exec(model.target(model.parent[index] ?? -1) ?? '')?.[1];
  if (!saysNothing(name)) return name;
  return path === undefined ? shapedName(name, model.shape(index)) : `${name} ${pathShape(path)}`;
}

/** The target of a call: the route that answers, else its name; with the called host where the name is only a method. */
export function operationOf(model: TraceModel, index: number): string {
  const answer = answerOf(model, index);
  if (answer !== undefined) return routeOf(model, answer);
  const name = model.name(index);
  const [host = ''] = (model.target(index) ?? '').replace(/^[a-z]+:\/\//, '').split(/[/ ?]/, 1);
  if (host === '') return name;
  // The ports of this machine are chance, and differ between runs.
  return `${name} ${isLoopbackHost(host.replace(/:\d+$/, '')) ? THIS_MACHINE : host}`;
}

function statementName(model: TraceModel, index: number, name: string): string {
  return model.statement(index) === 0 ? name : shapedName(name, model.shape(index));
}

/** A service by its name. */
export function serviceOf(model: TraceModel, index: number): string {
  return quoted(model.service(index));
}

/** A span by its name and its service: `GET /home of api`. */
export function spanWords(model: TraceModel, index: number): Sentence {
  return say`${nameOf(model, index)}${serviceWords(model, index, (service) => ` of ${service}`)}`;
}

/** What is said of a span's service, and what instead for a reader who knows the service. */
export function serviceWords(
  model: TraceModel,
  index: number,
  text = (service: string) => service,
  known = '',
): Sentence {
  return ofService(model.service(index), text(serviceOf(model, index)), known);
}

/** A service as the subject of a sentence: for a reader who knows it, `The service`. */
export function subjectOf(model: TraceModel, index: number): Sentence {
  return serviceWords(model, index, undefined, 'The service');
}

/** A called operation with the service that answers the call: `GET /api/users of users`. */
export function calledAs({ name, service }: Pick<Calls, 'name' | 'service'>): Sentence {
  return say`${quoted(name)}${service === '' ? '' : ofService(service, ` of ${quoted(service)}`)}`;
}

/** The operation of some calls, as `nameOf` says a statement. */
export function callsAs(model: TraceModel, { name, service, indexes: [first = -1] }: Calls): Sentence {
  return calledAs({ name: statementName(model, first, name), service });
}

/** Nanoseconds with their unit. */
export function time(nanoseconds: number): string {
  return formatDuration(nanoseconds / 1e6);
}

/**
 * ` with 503`: an error's status code. Empty without a code, and for 0, which means no answer. Where the status is no error, as
 * of an answer that broke off in its body, ` with TimeoutError`: the type of the exception, or `error.type`. Messages are left
 * out, because they may contain anything.
 */
export function withStatus(model: TraceModel, index: number): string {
  const status = model.statusCode(index);
  if (status === undefined || status === '0') return '';
  if (!/^[123]\d\d$/.test(status)) return ` with ${quoted(status)}`;
  const type = model.exception(index) === undefined ? model.problem(index) : model.exceptionType(index);
  return type === undefined || type === 'Error' ? '' : ` with ${quoted(type)}`;
}

/**
 * A span's exception with its first frame of the app, without a full stop: `no row, at find (/app/find.ts:2:5)`. Undefined
 * without an exception.
 */
export function exceptionText(model: TraceModel, index: number): string | undefined {
  const [message, frame] = [model.exception(index), model.frame(index)];
  if (message === undefined) return frame;
  const said = quoted(message, LONGEST_MESSAGE).replace(/\.$/, '');
  return frame === undefined ? said : `${said}, ${quoted(frame, LONGEST_MESSAGE)}`;
}

/** `returned 12,000 rows` or `returned 3.2 MiB`: how large the answer of a call was. Empty where it was small, or nobody knows. */
export function answerWords(model: TraceModel, index: number): string {
  const [rows, bytes] = [model.rows(index), model.bytes(index)];
  if (rows > 0) return `returned ${counted(rows, 'row')}`;
  return bytes > 0 ? `returned ${formatBytes(bytes)}` : '';
}

/** `src/auth.js:31` of `hash (src/auth.js:31)`: the line of a function that ran, as the sentence has it. */
export function lineOfFunction(named = ''): string | undefined {
  return /\(([^()]+)\)$/.exec(named)?.[1];
}

/** Whether a status code means a fault of the caller: HTTP's 4xx, and gRPC's codes with this meaning. */
export function isCallersFault(status = ''): boolean {
  return /^4\d\d$/.test(status) || ['1', '3', '5', '6', '7', '9', '10', '11', '16'].includes(status);
}

/** Whether a call's name does not tell the callee: no name, only a method as in `GET` and `HTTP GET`, or any path. */
export function saysNothing(name: string): boolean {
  return SAYS_NOTHING.test(name.trim());
}

/** Whether a span stays open: by its name, for a person, because its answer is a stream of events, or because the call that it answers broke (gRPC's CANCELLED, UNAVAILABLE). */
export function staysOpen({ model, entry }: TraceFacts, index: number): boolean {
  const call = model.parent[entry[index] ?? -1] ?? -1;
  const isBroken = model.error[call] === 1 && /^(?:1|14)$/.test(model.statusCode(call) ?? '');
  return (
    isBroken || model.isStreaming(index) || STREAM.test(model.name(index)) || PERSON.test(model.name(index))
  );
}

/** Whether a call waits for what somebody else has to send, by its name: of its time nobody knows what the answer took. */
export function waitsForMore(name: string): boolean {
  return WAITS_FOR_MORE.test(name);
}

/** Whether a span is a framework's loading of code, by its name: no work of the app, and none of most requests. */
export function loadsCode(name: string): boolean {
  return LOADS_CODE.test(name);
}

/** Whether a call only reads, by its name. Repeating a reading call, or making it at another time, gives the same answer. */
export function reads(name: string): boolean {
  return /^(?:HTTP )?(?:GET|HEAD|SELECT)\b|[./](?:Get|List|Find|Search|Read|Fetch|Lookup)[A-Z]?\w*$/.test(
    name,
  );
}

/** ` (the 57th of 212)`: which of the spans that are said as it is, of its kind, a span is, by time. Empty for the only one. */
export function whichOf({ model }: TraceFacts, index: number): string {
  const { place, count } = placeAmongAlike(model)(index);
  return count === 1 ? '' : ` (the ${ordinal(place)} of ${formatCount(count)})`;
}

/** Spans that are said alike, by what their name leaves out. */
type Alike = Map<string | undefined, number[]>;

/** Answers how many spans of its kind are said as a span is, and the number of the span among them, from 1. */
const placeAmongAlike = perModel((model: TraceModel) => {
  // Most spans have few names: to say each span takes ten times as long.
  const said = new Map<string, Map<string, Map<string, Alike>>>();
  const byText = new Map<string, number[]>();
  const alike = (index: number) => {
    const kind = model.kind(index);
    const ofName = getOrMake(said, model.name(index), () => new Map<string, Map<string, Alike>>());
    const within = getOrMake(ofName, model.service(index), () => new Map<string, Alike>());
    const own = getOrMake(within, kind, (): Alike => new Map());
    const [target, tool] = [model.target(index) ?? model.shape(index), toolOf(model, index)];
    return getOrMake(own, tool === undefined ? target : `${tool}\n${target}`, () =>
      getOrMake(byText, `${kind} ${sentenceText(spanWords(model, index))}`, () => []),
    );
  };
  for (let index = 0; index < model.count; index++) alike(index).push(index);
  // Few spans are asked for: only those that are said as they are get an order.
  const places = new Int32Array(model.count);
  const start = (index: number) => model.offset[index] ?? 0;
  return (index: number) => {
    const all = alike(index);
    if (places[index] === 0) {
      all.sort((a, b) => start(a) - start(b) || a - b);
      for (const [at, each] of all.entries()) places[each] = at + 1;
    }
    return { place: places[index] ?? 1, count: all.length };
  };
});

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const ENDINGS: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

function ordinal(number: number): string {
  return `${formatCount(number)}${ENDINGS[ORDINALS.select(number)] ?? 'th'}`;
}
