import { formatDuration } from '../../shared/format-duration.ts';
import { harmlessLine } from '../../shared/harmless-text.ts';
import type { TraceModel } from '../model/trace-model.ts';

/** The form of a name that says no more than a method, for JavaScript and for SQL. */
export const METHOD_ALONE = '(?:HTTP )?(?:[A-Z]*|get|head|post|put|patch|delete|options)';
const IS_METHOD_ALONE = new RegExp(`^${METHOD_ALONE}$`);

/** Names are cut to this many characters. */
const LONGEST = 80;

/** A name in a sentence: one line, harmless and cut. */
export function quoted(name: string): string {
  const characters = [...harmlessLine(name.slice(0, 4 * LONGEST)).trim()];
  if (characters.length === 0) return '(no name)';
  return characters.length <= LONGEST ? characters.join('') : `${characters.slice(0, LONGEST - 1).join('')}…`;
}

/** A span by its name, and by what it called where the name is a method alone: `GET users:4568/api/users`. */
export function nameOf(model: TraceModel, place: number): string {
  if (place < 0) return 'the trace';
  const name = model.name(place);
  const target = isMethodAlone(name) ? model.target(place) : undefined;
  return quoted(target === undefined ? name : `${name} ${target}`);
}

/** A service by its name. */
export function serviceOf(model: TraceModel, place: number): string {
  return quoted(model.service(place));
}

/** A span by its name and its service: `GET /home of api`. */
export function spanOf(model: TraceModel, place: number): string {
  return `${nameOf(model, place)} of ${serviceOf(model, place)}`;
}

/** Nanoseconds with their unit. */
export function time(nanoseconds: number): string {
  return formatDuration(nanoseconds / 1e6);
}

/** `1 span`, `1,200 spans`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** `twice`, `3 times`. */
export function times(count: number): string {
  return count === 2 ? 'twice' : counted(count, 'time');
}

/** `a, b and c`; of more than three names the first two and a number. */
export function listed(names: readonly string[]): string {
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} others`] : names;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** ` with 503`: an error's status code, or nothing where there is none, or 0 for no answer. Messages are left out, for they may hold anything. */
export function withStatus(model: TraceModel, place: number): string {
  const status = model.statusCode(place);
  return status === undefined || status === '0' ? '' : ` with ${quoted(status)}`;
}

/** Whether a status code says that the caller asked for something wrong: HTTP's 4xx, and gRPC's codes of that sense. */
export function isCallersFault(status = ''): boolean {
  return /^4\d\d$/.test(status) || ['1', '3', '5', '6', '7', '9', '10', '11', '16'].includes(status);
}

/** Whether a call has no name, or its method alone as `GET` and `HTTP GET`: nobody knows what it calls. */
export function isMethodAlone(name: string): boolean {
  return IS_METHOD_ALONE.test(name.trim());
}

/** Whether a call by its name only reads: asking twice or at another time gives the same. */
export function reads(name: string): boolean {
  return /^(?:HTTP )?(?:GET|HEAD|SELECT)\b|[./](?:Get|List|Find|Search|Read|Fetch|Lookup)[A-Z]?\w*$/.test(
    name,
  );
}
