import { formatDuration } from '../../shared/format-duration.ts';
import { harmlessLine } from '../../shared/harmless-text.ts';
import type { TraceModel } from '../model/trace-model.ts';

/** Names are cut to this many characters. */
const LONGEST = 80;

/** A name in a sentence: one line, harmless and cut. */
export function quoted(name: string): string {
  const characters = [...harmlessLine(name.slice(0, 4 * LONGEST)).trim()];
  if (characters.length === 0) return '(no name)';
  return characters.length <= LONGEST ? characters.join('') : `${characters.slice(0, LONGEST - 1).join('')}…`;
}

/** A span by its name. */
export function nameOf(model: TraceModel, place: number): string {
  return place < 0 ? 'the trace' : quoted(model.name(place));
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

/** ` with 503`: an error's status code, or nothing. Messages are left out, for they may hold anything. */
export function withStatus(model: TraceModel, place: number): string {
  const status = model.statusCode(place);
  return status === undefined ? '' : ` with ${quoted(status)}`;
}

/** Whether a status code says that the caller asked for something wrong: HTTP's 4xx, and gRPC's codes of that sense. */
export function isCallersFault(status = ''): boolean {
  return /^4\d\d$/.test(status) || ['1', '3', '5', '6', '7', '9', '10', '11', '16'].includes(status);
}

/** Whether a call has no name, or its method alone as `GET` and `HTTP GET`: nobody knows what it calls. */
export function isMethodAlone(name: string): boolean {
  return /^(?:HTTP )?(?:[A-Z]*|get|head|post|put|patch|delete|options)$/.test(name.trim());
}

/** Whether a call by its name only reads: asking twice or at another time gives the same. */
export function reads(name: string): boolean {
  return /^(?:GET|HEAD|SELECT)\b|[./](?:Get|List|Find|Search|Read|Fetch|Lookup)[A-Z]?\w*$/.test(name);
}
