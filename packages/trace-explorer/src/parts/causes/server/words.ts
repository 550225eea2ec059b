import { ruleNamed } from '../../../core/traces/findings/rules.ts';
import { shapedName } from '../../../core/traces/model/shapes.ts';
import { quoted } from '../../../lib/text/words.ts';
import type { CauseKey } from './cause-key.ts';
import { causeId } from './cause-key.ts';
import { ERROR, GROWING_QUEUE } from './schemas.ts';

/** Most characters of a message in a sentence. */
const LONGEST_MESSAGE = 160;

/**
 * The sentence of a cause, without a full stop: `SELECT ledger of billing is slow`.
 * @param isKnown its reader knows the service: `SELECT ledger is slow`
 */
export function sentenceOf(
  {
    rule,
    service,
    name,
    type,
    message,
    target,
    shape = '',
  }: Omit<CauseKey, 'shape' | 'caller'> & Partial<Pick<CauseKey, 'shape'>>,
  isKnown = false,
): string {
  const at = isKnown ? 'the service' : quoted(service);
  const operation = name === '' ? 'A span' : quoted(shapedName(name, shape, target));
  const place = isKnown ? operation : `${operation} of ${at}`;
  if (rule === GROWING_QUEUE) return `More comes to the queue ${place} than its workers process`;
  if (rule !== ERROR) return ruleNamed(rule)?.cause(place, at) ?? `${place}: ${quoted(rule)}`;
  const isSaid = message !== '' && message !== type;
  // OpenTelemetry's SDK for JavaScript takes an error's code for its type: a DOMException's has two digits.
  const named = isSaid && /^\d{1,2}$/.test(type) ? '' : (sqlStateWords(type) ?? shortType(type));
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
export function causeOfKey(key: CauseKey) {
  const { type, message, target, shape: _, caller: _c, ...place } = key;
  const parts = {
    ...(type !== '' && { type }),
    ...(message !== '' && { message }),
    ...(target !== '' && { target }),
  };
  return { id: causeId(key), ...place, ...parts, sentence: sentenceOf(key), short: sentenceOf(key, true) };
}

/** What a cause of plain errors says: the key's words, with what all of its sightings agree on instead of the shape. */
export function errorWords(
  key: Parameters<typeof sentenceOf>[0],
  agreed: { name?: string; message?: string },
) {
  const { name = key.name, message = key.message } = agreed;
  const told = { ...key, name, message };
  return { example: sentenceOf(told), short_example: sentenceOf(told, true) };
}

/** A type without its packages: `CannotAcquireLockException` of `org.springframework.dao.CannotAcquireLockException`. */
function shortType(type: string): string {
  return /(?<![\w$])[\w$]+$/.exec(type.slice(-LONGEST_MESSAGE))?.[0] ?? type;
}
