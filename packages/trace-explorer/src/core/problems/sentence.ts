import { counted, quoted } from '../../lib/text/words.ts';
import { ruleNamed } from '../traces/findings/rules.ts';
import { sentenceText } from '../traces/findings/sentence.ts';
import { placeOfMost } from '../traces/model/code-place.ts';
import { alikeParts, messageParts, partsText, shapedName } from '../traces/model/shapes.ts';
import type { Around } from './judge.ts';
import { isFact, isInEach } from './judge.ts';
import type { Occurrence } from './occurrences.ts';
import type { CallKey, ErrorKey, ProblemKey } from './problem-key.ts';
import { ERROR, GROWING_QUEUE, partsOfKey, problemId } from './problem-key.ts';
import { isPlain } from './said.ts';
import { routeOfAll } from './unit-spans.ts';
import type { Tallied } from './worse.ts';
import { holdersText, othersText, victimsText, worstOf } from './worse.ts';

/** Most characters of a message in a sentence. */
const LONGEST_MESSAGE = 160;

/** The parts of a key that its sentence has. */
type SaidKey = Pick<CallKey, 'rule' | 'service' | 'name' | 'target'> &
  Partial<Pick<ErrorKey, 'type' | 'message'> & Pick<CallKey, 'shape'>>;

/**
 * The sentence of a cause, without a full stop: `SELECT ledger of billing is slow`.
 * @param isKnown its reader knows the service: `SELECT ledger is slow`
 */
export function sentenceOf(
  { rule, service, name, target, type = '', message = '', shape = '' }: SaidKey,
  isKnown = false,
): string {
  const at = isKnown ? 'the service' : quoted(service);
  const operation = name === '' ? 'A span' : quoted(shapedName(name, shape, target));
  const place = isKnown ? operation : `${operation} of ${at}`;
  if (rule === GROWING_QUEUE) return `More comes to the queue ${place} than its workers process`;
  if (rule !== ERROR) return ruleNamed(rule)?.cause(place, at) ?? `${place}: ${quoted(rule)}`;
  const isSaid = message !== '' && message !== type;
  // OpenTelemetry's SDK for JavaScript takes an error's code for its type: a DOMException's has two digits.
  const isNamed = /^\d{1,2}$/.test(type) || message.startsWith(`${type}:`); // Node's messages begin with their code
  const named = isSaid && isNamed ? '' : (sqlStateWords(type) ?? shortType(type));
  const reason = [named, isSaid ? message : ''].filter((part) => part !== '').join(': ');
  return reason === '' ? `${place} fails` : `${place} fails: ${quoted(reason, LONGEST_MESSAGE)}`;
}

/** SQLSTATEs that say what an app can do about them, by the SQL standard and PostgreSQL's appendix A. */
const SQL_STATES: Readonly<Record<string, string>> = {
  '23502': 'a value is missing',
  '23503': 'the other row of a reference is missing, or still refers to it',
  '23505': 'the value is there already',
  '23514': 'a check of the table refused it',
  '23P01': 'it overlaps another row',
  '40P01': 'deadlock',
  '53300': 'too many connections',
  '55P03': 'the lock was not free',
  '57014': 'the statement was cancelled, or took too long',
};

/** `deadlock (40P01)`: an SQLSTATE in words; undefined for any other type. */
function sqlStateWords(type: string): string | undefined {
  const words =
    SQL_STATES[type] ?? (/^23[0-9A-Z]{3}$/.test(type) ? 'a rule of the table refused it' : undefined);
  return words && `${words} (${type})`;
}

/** The parts of a cause that its key tells. */
export function causeOfKey(key: ProblemKey) {
  const { rule, service, name, kind, target, type, message } = partsOfKey(key);
  const parts = {
    ...(type !== '' && { type }),
    ...(message !== '' && { message }),
    ...(target !== '' && { target }),
  };
  return {
    id: problemId(key),
    rule,
    service,
    name,
    kind,
    ...parts,
    sentence: sentenceOf(key),
    short: sentenceOf(key, true),
  };
}

/** What a cause of plain errors says: the key's words, with what all of its sightings agree on instead of the shape. */
export function errorWords(key: SaidKey, agreed: { name?: string; message?: string }) {
  const { name = key.name, message = key.message ?? '' } = agreed;
  const told = { ...key, name, message };
  return { example: sentenceOf(told), short_example: sentenceOf(told, true) };
}

/**
 * What is told of a problem by all that was seen of it, wherever it is told: its words, its place, and the trace that shows it.
 * @param isPart whether others were not looked at: then nobody knows what all of them say, nor how many waited
 * @param said the message of all spans of an error, if somebody else has read them
 */
export function toldOf(
  problem: Tallied,
  {
    isPart = false,
    said = '',
    around,
  }: { readonly isPart?: boolean; readonly said?: string; readonly around?: Around } = {},
) {
  const { key, occurrences, rest } = problem;
  const worst = worstOf((rest?.first ?? problem).occurrences);
  const { finding, trace, spanId, shown } = worst;
  const others = othersText(problem);
  const isVictims = !isPart && rest === undefined && finding?.culprit === undefined;
  const each = around !== undefined && isInEach(occurrences, around) ? eachText(occurrences) : '';
  const held = isPart || rest !== undefined ? '' : holdersText(occurrences, worst);
  const behind = `${each}${others}${held}${isVictims ? victimsText(occurrences) : ''}`;
  const route = routeOfAll(occurrences);
  const { sentence, short, ...told } = causeOfKey(rest?.first.key ?? key);
  const place = worst.place ?? placeOfMost(occurrences.flatMap((each) => each.place ?? []));
  return {
    ...told,
    ...{ id: problemId(key), sentence: `${sentence}${others}`, short: `${short}${others}` },
    ...(isPlain({ rule: key.rule, ...(shown !== undefined && { finding: shown }) })
      ? errorWords(key, { ...(route && { name: route }), ...agreedOn(problem, said === '' && isPart, said) })
      : finding && {
          example: `${finding.sentence}${behind}`,
          short_example: `${sentenceText(finding.parts, key.service)}${behind}`,
        }),
    ...(finding && { advice: finding.advice }),
    ...(isFact(occurrences, around) && { fact: true }),
    ...(finding?.isSymptom && { symptom: true }),
    ...place,
    trace_id: trace.id,
    span_id: spanId,
    ...(shown !== undefined && { finding: shown }),
  };
}

/** `; the same in each of 67 requests`. */
function eachText(occurrences: readonly Occurrence[]): string {
  const units = new Set(occurrences.map(({ trace, unit }) => `${trace.id} ${unit.index}`));
  return `; the same in each of ${counted(units.size, 'request')}`;
}

/** What all occurrences of an error agree on. Of a part of them it is not known, and their shape is said. */
export function agreedOn(
  { occurrences }: { readonly occurrences: readonly Pick<Occurrence, 'name' | 'message'>[] },
  isUnknown = false,
  said = '',
) {
  const [first, ...others] = occurrences.map(({ message }) => messageParts(message));
  const message =
    said !== '' ? said : isUnknown || first === undefined ? '' : partsText(others.reduce(alikeParts, first));
  const [name, ...names] = new Set(occurrences.map((each) => each.name));
  return { ...(message !== '' && { message }), ...(name && names.length === 0 && { name }) };
}

/** A type without its packages: `CannotAcquireLockException` of `org.springframework.dao.CannotAcquireLockException`. */
function shortType(type: string): string {
  return /(?<![\w$])[\w$]+$/.exec(type.slice(-LONGEST_MESSAGE))?.[0] ?? type;
}
