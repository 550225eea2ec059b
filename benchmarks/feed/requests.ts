import type { LoadRequest } from '../lib/http-load.ts';
import { USERS, uuidOf, WORDS } from './fill.ts';

/** One of the numbers below `count`, scattered. */
const scattered = (index: number, count: number) => (index * 7919) % count;
const search = (term: string) => `/api/activities/search?term=${encodeURIComponent(term)}`;
const word = (index: number) => WORDS[scattered(index, WORDS.length)] ?? '';

/** What is asked of the API, by the name of its row; `rows` activities are there. */
export const REQUESTS: Readonly<Record<string, (rows: number) => (index: number) => LoadRequest>> = {
  home: () => () => '/api/activities/home',
  profile: () => (index) => `/api/activities/@user${scattered(index, USERS)}`,
  notifications: () => () => '/api/activities/notifications?handle=user0',
  thread: (rows) => (index) => `/api/activities/${uuidOf(1 + scattered(index, rows))}`,
  'search, many hits': () => (index) => search(word(index)),
  'search, one hit': (rows) => (index) => search(`#${1 + scattered(index, rows)} `),
  'search, no hit': () => (index) => search(`${word(index)}qqx`),
  'search, one character': () => () => search('m'),
  'search, no hit of one character': () => () => search('~'),
  post: () => (index) => ({
    path: '/api/activities',
    body: JSON.stringify({
      handle: `user${scattered(index, USERS)}`,
      message: `${word(index)} ${word(index + 1)} ${word(index + 2)} @user1`,
      ttl: '1-hour',
    }),
  }),
};
