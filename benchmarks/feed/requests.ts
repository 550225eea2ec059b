import type { LoadRequest } from '../lib/http-load.ts';
import {
  BUSY_USERS,
  FREQUENT_TERMS,
  FREQUENT_WORDS,
  OTHER_FREQUENT_WORDS,
  OTHER_UNCOMMON_WORDS,
  UNCOMMON_WORDS,
  USERS,
  uuidOf,
  WORDS,
} from './fill.ts';

/** One of the numbers below `count`, scattered. */
const scattered = (index: number, count: number) => (index * 7919) % count;
const search = (term: string) => `/api/activities/search?term=${encodeURIComponent(term)}`;
/** One of the words, each in its turn. */
const oneOf = (words: readonly string[], index: number) => words[scattered(index, words.length)] ?? '';
const word = (index: number) => oneOf(WORDS, index);

/** Terms to search for, by the name of their row. */
export const TERMS: Readonly<Record<string, (rows: number) => (index: number) => string>> = {
  'search, many hits': () => (index) => oneOf(FREQUENT_TERMS, index),
  'search, uncommon word': () => (index) => oneOf(UNCOMMON_WORDS, index),
  // Each third activity mentions somebody after its number.
  'search, one hit': (rows) => (index) => `#${3 * (1 + scattered(index, Math.floor(rows / 3)))} `,
  'search, no hit': () => (index) => `${word(index)}qqx`,
  'search, one character': () => () => 'm',
  'search, no hit of one character': () => () => '~',
};

/** A phrase that next to nothing has, of words that many have. */
export const phrase = (index: number) =>
  [0, 1, 2].map((next) => oneOf(FREQUENT_WORDS, index + next)).join(' ');

/** Terms to search for where messages are made of words of common trigrams, by the name of their row. */
export const OTHER_TERMS: Readonly<Record<string, (index: number) => string>> = {
  'search, uncommon word of common trigrams': (index) => oneOf(OTHER_UNCOMMON_WORDS, index),
  // Nothing has it, and nearly everything has its trigrams: the worst case for an index of them.
  'search, no hit of common trigrams': (index) =>
    [0, 1, 2].map((next) => oneOf(OTHER_FREQUENT_WORDS, index + next)).join(''),
};

/** The user whose page is asked for, as busy as others. */
export const busyUser = (index: number) => `user${index % BUSY_USERS}`;

/** What is asked of the API, by the name of its row; `rows` activities are there. */
export const REQUESTS: Readonly<Record<string, (rows: number) => (index: number) => LoadRequest>> = {
  home: () => () => '/api/activities/home',
  profile: () => (index) => `/api/activities/@${busyUser(index)}`,
  notifications: () => () => '/api/activities/notifications?handle=user0',
  thread: (rows) => (index) => `/api/activities/${uuidOf(1 + scattered(index, rows))}`,
  ...Object.fromEntries(
    Object.entries(TERMS).map(([name, termsOf]) => [
      name,
      (rows: number) => {
        const termOf = termsOf(rows);
        return (index: number) => search(termOf(index));
      },
    ]),
  ),
  post: () => (index) => ({
    path: '/api/activities',
    body: JSON.stringify({
      handle: `user${scattered(index, USERS)}`,
      message: `${word(index)} ${word(index + 1)} ${word(index + 2)} @user1`,
      ttl: '1-hour',
    }),
  }),
};
