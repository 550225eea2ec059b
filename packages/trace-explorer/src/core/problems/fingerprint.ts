import type { SightedFields, SightedKind } from '../../../../core/runs/accepted.ts';
import { errorMessage } from '../../../../core/traces/model/error-origins.ts';
import {
  cutKey,
  messageParts,
  partsText,
  pathShape,
  shapedName,
  THIS_MACHINE,
} from '../../../../core/traces/model/shapes.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { isLoopbackHost } from '../../../../lib/text/loopback.ts';
import { isPlain } from '../../said.ts';
import { ERROR } from '../schemas.ts';
import type { Sighting } from '../sightings.ts';
import { fileOf } from '../sightings.ts';
import { answerOf, routeOf, routeShape } from '../told/request-route.ts';
import { wholesOf } from '../told/units-in.ts';
import { sentenceOf } from '../words.ts';

/** A kind of sightings, and a span that has its statement. */
export interface Seen {
  readonly kind: SightedKind;
  /** Empty without a statement. */
  readonly statementOf: string;
  /** Whether its sentence is that of a finding, which says more than the error alone. */
  readonly isFound: boolean;
  /** Whether all of its sightings are below the limits of their rule, or of the machine: these come and go. */
  readonly isWeak: boolean;
  /** The traces that show it, not weakly, and how many each of them stands for. */
  readonly weights: Map<string, number>;
}

/** The kinds of sightings of a cause, by all that tells them apart. */
export type Kinds = Map<string, Seen>;

/** Adds a sighting of a cause. Of its kind, the one that says most stays. */
export function addKind(kinds: Kinds, model: TraceModel, sighting: Sighting): void {
  const { key, finding, index, code } = sighting;
  const fields = fieldsOf(model, sighting);
  const hasStatement = model.statement(index) !== 0;
  const id = JSON.stringify([fields, hasStatement && model.shape(index)]);
  const isFound = finding !== undefined && !isPlain({ rule: key.rule, finding: finding.rule });
  const isWeak = finding?.isSmall === true || finding?.isOutside === true;
  const known = kinds.get(id);
  const weights = known?.weights ?? new Map<string, number>();
  if (!isWeak) weights.set(model.traceId, model.sampleRate ?? 1);
  const saysMore =
    known === undefined ||
    (known.isWeak && !isWeak) ||
    (isFound && !known.isFound && known.isWeak === isWeak);
  if (!saysMore) return;
  kinds.set(id, {
    kind: {
      ...fields,
      // What stands behind says what would be better, with figures of one trace.
      sentence: isFound ? (finding.sentence.split('; ', 1)[0] ?? '') : saidOfError(sighting, fields),
      ...(code !== undefined && { line: code.line }),
      trace_id: model.traceId,
    },
    statementOf: hasStatement ? model.spanId(index) : '',
    isFound,
    isWeak,
    weights,
  });
}

function fieldsOf(model: TraceModel, { key, index, code }: Sighting): SightedFields {
  const call = callOf(model, index);
  const isSaid = key.rule === ERROR && errorMessage(model, index) !== '';
  const message = isSaid ? keptMessage(errorMessage(model, index)) : key.message;
  return {
    rule: key.rule,
    service: key.service,
    route: cutKey(routeShape(routeOf(model, wholesOf(model)[index] ?? index))),
    operation: cutKey(operationOf(model, { key, index })),
    ...(call !== undefined && { call: cutKey(call) }),
    ...(key.type !== '' && { type: key.type }),
    ...(message !== '' && { message }),
    ...(code !== undefined && { file: fileOf(code) }),
  };
}

function saidOfError({ key }: Sighting, { operation, message = '' }: SightedFields): string {
  return sentenceOf({
    ...key,
    ...(key.kind === 'server' && { name: operation, target: '', shape: '' }),
    message,
  });
}

/** What a span does, without numbers, ids and ports: a request by its route, a statement by its operation and table. */
function operationOf(model: TraceModel, { key, index }: Pick<Sighting, 'key' | 'index'>): string {
  const isOwn = key.name === model.name(index);
  if (key.kind === 'server')
    return routeShape(isOwn ? routeOf(model, index) : shapedName(key.name, key.shape));
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
