import { quoted } from '../shared/words.ts';
import type { CauseKey } from './cause-key.ts';
import { ERROR } from './schemas.ts';
import sentences from './sentences.json' with { type: 'json' };

/** Most characters of a message in a sentence. */
const LONGEST_MESSAGE = 160;

/** The fault of the operation, without a number of one trace. */
const SENTENCES: Readonly<Record<string, string>> = sentences;

/** The sentence of a cause, without a full stop: `SELECT ledger of billing is slow`. */
export function sentenceOf({ rule, service, name, type, message }: CauseKey): string {
  const at = quoted(service);
  const place = name === '' ? `A span of ${at}` : `${quoted(name)} of ${at}`;
  if (rule !== ERROR) {
    const said: Readonly<Record<string, string>> = { place, service: at };
    const sentence = Object.hasOwn(SENTENCES, rule) ? SENTENCES[rule] : `{place}: ${quoted(rule)}`;
    return (sentence ?? '').replace(/\{(place|service)\}/g, (_whole, name: string) => said[name] ?? '');
  }
  const isSaid = message !== '' && message !== type;
  const said = [shortType(type), isSaid ? message : ''].filter((part) => part !== '').join(': ');
  return said === '' ? `${place} fails` : `${place} fails: ${quoted(said, LONGEST_MESSAGE)}`;
}

/** A type without its packages: `CannotAcquireLockException` of `org.springframework.dao.CannotAcquireLockException`. */
function shortType(type: string): string {
  return /[\w$]+$/.exec(type.slice(-LONGEST_MESSAGE))?.[0] ?? type;
}
