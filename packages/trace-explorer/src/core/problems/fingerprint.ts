import { isLoopbackHost } from '../../lib/text/loopback.ts';
import type { Finding } from '../traces/findings/finding.ts';
import { routeOf } from '../traces/findings/words.ts';
import { answerOf } from '../traces/model/children.ts';
import type { CodePlace } from '../traces/model/code-place.ts';
import { errorMessage } from '../traces/model/error-origins.ts';
import {
  cutKey,
  messageParts,
  partsText,
  pathShape,
  shapedName,
  THIS_MACHINE,
} from '../traces/model/shapes.ts';
import type { TraceModel } from '../traces/model/trace-model.ts';
import type { Fingerprint } from './file/accepted.ts';
import { isWeak } from './judge.ts';
import type { ProblemKey } from './problem-key.ts';
import { isError, partsOfKey } from './problem-key.ts';
import { isPlain } from './said.ts';
import type { Sighting } from './schemas.ts';
import { sentenceOf } from './sentence.ts';
import { calledName, routeShape, wholesOf } from './unit-spans.ts';

/** A problem at one span, as far as it is compared. */
interface Found {
  readonly key: ProblemKey;
  readonly index: number;
  readonly place?: CodePlace | undefined;
  readonly finding?: Finding;
}

/** What an occurrence is compared by, and says of itself. */
export interface Compared {
  readonly fingerprint: Fingerprint;
  /** The shape of its statement; undefined without one. */
  readonly statement: string | undefined;
  /** What a sighting of it says: the fault, without what would be better. */
  readonly said: string;
  /** Whether that is the sentence of a finding, which says more than the error alone. */
  readonly isFound: boolean;
}

/** What a problem at one span is compared by. */
export function comparedOf(model: TraceModel, found: Found): Compared {
  const { key, finding, index } = found;
  const fingerprint = fingerprintOf(model, found);
  const isFound = finding !== undefined && !isPlain({ rule: key.rule, finding: finding.rule });
  return {
    fingerprint,
    statement: model.statement(index) === 0 ? undefined : (model.shape(index) ?? ''),
    // What stands behind says what would be better, with figures of one trace.
    said: isFound ? (finding.sentence.split('; ', 1)[0] ?? '') : saidOfError(model, found, fingerprint),
    isFound,
  };
}

/** A sighting, and the span that has its statement, which no outline has. */
export interface SightingDraft {
  readonly sighting: Sighting;
  /** Empty without a statement. */
  readonly statementOf: string;
  /** The traces that show it in full, and how many each of them stands for. */
  readonly weights: ReadonlyMap<string, number>;
}

/** The occurrences of a problem as sightings: all that have one fingerprint are one, which says what says most. */
export function sightingsOf(occurrences: readonly SeenOccurrence[]): SightingDraft[] {
  const alike = Map.groupBy(occurrences, ({ fingerprint, statement }) =>
    JSON.stringify([fingerprint, statement]),
  );
  return [...alike.values()].map((own) => {
    const full = own.filter(({ finding }) => !isWeak(finding));
    const all = full.length > 0 ? full : own;
    const [first] = own;
    const most = all.find(({ isFound }) => isFound) ?? all[0] ?? first;
    if (most === undefined) throw new RangeError('a sighting of nothing');
    return {
      sighting: {
        ...most.fingerprint,
        sentence: most.said,
        ...most.place,
        trace_id: most.trace.id,
        ...(full.length === 0 && { weak: true }),
      },
      statementOf: most.statement === undefined ? '' : most.spanId,
      weights: new Map(full.map(({ trace: { id, weight } }) => [id, weight])),
    };
  });
}

/** What a sighting needs of an occurrence. */
interface SeenOccurrence extends Found, Compared {
  readonly spanId: string;
  readonly trace: { readonly id: string; readonly weight: number };
}

function fingerprintOf(model: TraceModel, { key, index, place }: Found): Fingerprint {
  const call = callOf(model, index);
  const { type, message: shape } = partsOfKey(key);
  const isSaid = isError(key) && errorMessage(model, index) !== '';
  const message = isSaid ? keptMessage(errorMessage(model, index)) : shape;
  return {
    rule: key.rule,
    service: key.service,
    route: cutKey(routeShape(routeOf(model, wholesOf(model)[index] ?? index))),
    operation: cutKey(operationOf(model, { key, index })),
    ...(call !== undefined && { call: cutKey(call) }),
    ...(type !== '' && { type }),
    ...(message !== '' && { message }),
    ...(place !== undefined && { file: place.file }),
  };
}

function saidOfError(
  model: TraceModel,
  { key, index }: Found,
  { operation, message = '' }: Fingerprint,
): string {
  return sentenceOf({
    ...key,
    ...(key.kind === 'client' && key.name === model.name(index) && { name: calledName(model, index) }),
    ...(key.kind === 'server' && { name: operation, target: '', shape: '' }),
    message,
  });
}

/** What a span does, without numbers, ids and ports: a request by its route, a statement by its operation and table. */
function operationOf(model: TraceModel, { key, index }: Found): string {
  const isOwn = key.name === model.name(index);
  if (key.kind === 'server')
    return routeShape(isOwn ? routeOf(model, index) : shapedName(key.name, partsOfKey(key).shape));
  if (model.statement(index) !== 0) return shapedName(model.name(index), model.shape(index));
  if (key.kind === 'client') return routeShape(key.name.replace(/\/.*/s, pathShape));
  const name = key.name.replace(/\b(?=\w*\d)[0-9a-f]{8}[0-9a-f-]*\b|\b\d+\b/gi, '…');
  return key.target === '' ? name : `${name} ${key.target}`;
}

/** An HTTP call by the service and the route that answered; where nobody knows these, by host and path. */
function callOf(model: TraceModel, index: number): string | undefined {
  if (model.kind(index) !== 'client' || model.isDatabase(index)) return undefined;
  const answer = answerOf(model, index);
  if (answer !== undefined) {
    const [method = '', ...path] = routeShape(routeOf(model, answer)).split(' ');
    return [method, model.service(answer), ...path].join(' ');
  }
  const [, at = '', path = ''] = /^(?:[a-z]+:\/\/)?([^/]+)(.*)$/s.exec(model.target(index) ?? '') ?? [];
  if (at === '') return undefined;
  const host = at.replace(/:\d+$/, '');
  const method = model
    .name(index)
    .replace(/^HTTP /, '')
    .toUpperCase();
  return `${method} ${isLoopbackHost(host) ? THIS_MACHINE : host} ${pathShape(path) || '/'}`;
}

/** A message without numbers, ids and values, which become `…`. Members and other identifiers in quotes stay: `(reading 'sku')`. */
function keptMessage(message: string): string {
  return partsText(
    messageParts(withoutVariable(message)).map((part, at) =>
      at % 2 === 0 || isIdentifier(part) ? part : '…',
    ),
  );
}

/** V8 quotes the code before a member: its variables may be renamed, and a build makes them short or puts other code in their place. */
function withoutVariable(message: string): string {
  return message
    .replace(/^[^'"`]{1,200}\.(?=[\p{L}\p{N}_$]+ is not (?:a function|a constructor|iterable)\b)/u, '….')
    .replace(/^(Cannot destructure property '[^']*' of ')[^']*/u, '$1…');
}

/** Whether a text in quotes is a name of the code or of a table, and no value: one digit may stand at its end. */
function isIdentifier(quoted: string): boolean {
  return /^(["'`])[\p{L}_$][\p{L}_$.]{0,80}\d?\1$/u.test(quoted);
}
