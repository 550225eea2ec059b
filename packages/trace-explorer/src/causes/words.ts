import { quoted } from '../shared/words.ts';
import { ERROR } from './cause.ts';
import type { CauseKey } from './cause-key.ts';

/** Most characters of a message in a sentence. */
const LONGEST_MESSAGE = 160;

/** What is wrong at the place, without a number of one trace. */
const SENTENCES: Readonly<Record<string, (place: string, service: string) => string>> = {
  attempts: (place) => `${place} takes a message more than once`,
  'work-after-timeout': (place) => `${place} goes on after its caller has given up`,
  retries: (place) => `${place} is tried again and again`,
  'no-answer': (place) => `${place} gets no answer`,
  'swallowed-error': (place) => `${place} fails, and nobody says so`,
  'failed-request': (place) => `${place} fails`,
  'repeated-call': (place) => `${place} is called many times by one request`,
  'same-call-twice': (place) => `${place} is called again with the same arguments`,
  'sequential-calls': (place) => `${place} calls one service after the other`,
  'slow-call': (place) => `${place} is slow`,
  'unexplained-time': (place) => `${place} spends time that no span explains`,
  'waiting-message': (place) => `Messages wait longer for ${place} than their work takes`,
  'lost-producer': (place) => `${place} takes messages whose sender's trace has not come`,
  'lost-context': (place) => `${place} begins a trace of its own, because the context is lost`,
  'torn-trace': (place) => `Spans of traces that begin with ${place} have not come`,
  'wrong-clock': (_place, service) => `The clock of ${service} is wrong`,
  'impossible-span': (place) => `${place} has times that cannot be`,
};

/** The sentence of a cause, without a full stop: `SELECT ledger of billing is slow`. */
export function sentenceOf({ rule, service, name, type, message }: CauseKey): string {
  const at = quoted(service);
  const place = name === '' ? `A span of ${at}` : `${quoted(name)} of ${at}`;
  if (rule !== ERROR) return (SENTENCES[rule] ?? ((said) => `${said}: ${rule}`))(place, at);
  const isSaid = message !== '' && message !== type;
  const said = [shortType(type), isSaid ? message : ''].filter((part) => part !== '').join(': ');
  return said === '' ? `${place} fails` : `${place} fails: ${quoted(said, LONGEST_MESSAGE)}`;
}

/** A type without its packages: `CannotAcquireLockException` of `org.springframework.dao.CannotAcquireLockException`. */
function shortType(type: string): string {
  return /[\w$]+$/.exec(type.slice(-LONGEST_MESSAGE))?.[0] ?? type;
}
