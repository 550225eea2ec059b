import type { Place } from '../../core/places/place.ts';
import type { ParamForm, ParamForms } from '../../core/places/read-params.ts';
import { readParam } from '../../core/places/read-params.ts';
import { shownMoments, shownSeconds, shownTime } from '../../core/places/shown-range.ts';
import { factsOf } from '../../core/places/views.ts';
import { quoted } from '../../lib/text/words.ts';
import { lastText } from '../components/times/describe-times.ts';

/** Most letters of a value in a sentence. */
const LONGEST = 40;

/** What of an address its view does not read, a sentence for each. @param forms the params that the view takes */
export function unreadParams(place: Place, forms: ParamForms): string[] {
  const times = timeNames(place);
  const own = Object.entries(place.params).flatMap(([name, value]) => {
    if (value === '' || times.includes(name)) return [];
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (form !== undefined && readParam(form, value) !== undefined) return [];
    const takes = form === undefined ? namesText([...times, ...Object.keys(forms)]) : wordsText(name, form);
    return [`${said(name, value)} is left out: ${takes}.`];
  });
  return [...unreadTimes(place), ...own];
}

function namesText(names: readonly string[]): string {
  return `this view takes ${names.length === 0 ? 'no parameter' : oneOf(names.toSorted())}`;
}

function wordsText(name: string, form: ParamForm): string {
  return typeof form === 'function' ? 'it cannot be read' : `${name} takes ${oneOf(form)}`;
}

function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function said(name: string, value: string): string {
  return `${quoted(name, LONGEST)}=${quoted(value, LONGEST)}`;
}

/** The params of the view's time. */
function timeNames({ view }: Place): readonly string[] {
  const { range, moments = ['start', 'end'] } = factsOf(view) ?? {};
  return range === undefined ? [] : ['last', ...moments];
}

function unreadTimes(place: Place): string[] {
  const { params } = place;
  const { range, moments } = factsOf(place.view) ?? {};
  if (range === undefined) return [];
  const isUnreadLast = Boolean(params.last) && shownSeconds(params) === undefined;
  // Of moments with other names the explorer says what is wrong.
  const unread = moments === undefined ? unreadMoments(params, range === 'always') : [];
  return [
    ...(isUnreadLast ? [[['last'], 'last takes seconds, such as last=3600'] as const] : []),
    ...(unread.length > 0
      ? [[unread, 'start and end take seconds since 1970, such as start=1767225600&end=1767229200'] as const]
      : []),
  ].map(
    ([names, takes]) =>
      `${names.map((name) => said(name, params[name] ?? '')).join('&')} is not a time: ${takes}. ${insteadOf(place)}.`,
  );
}

/** The two moments of a range that are none, or that name none together. */
function unreadMoments(params: Place['params'], needsBoth: boolean): readonly string[] {
  const names = ['start', 'end'].filter((name) => params[name]);
  if (names.length === 0 || shownMoments(params) !== undefined) return [];
  const malformed = names.filter((name) => !(Number(params[name]) > 0 && Number(params[name]) < 9e9));
  if (malformed.length > 0) return malformed;
  return names.length === 2 || needsBoth ? names : [];
}

/** What the view shows in place of a time. */
function insteadOf(place: Place): string {
  const { range, since, until } = shownTime(place) ?? {};
  if (typeof range === 'number') {
    const text = lastText(range).toLowerCase();
    return `The ${text} ${text.endsWith('s') ? 'are' : 'is'} shown`;
  }
  const isAny = range === undefined && since === undefined && until === undefined;
  return isAny ? 'Any time is shown' : 'It is left out';
}
