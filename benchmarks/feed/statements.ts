import { activitiesRepository } from '../../services/activities-api/src/activities/repository.ts';
import type { ActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import { median } from '../lib/statistics.ts';
import { USERS, uuidOf, WORDS } from './fill.ts';

const RUNS = 31;

/** Median time of what each reading route asks of the database, one at a time, in milliseconds. */
export async function timeStatements(
  database: ActivitiesDatabase,
  rows: number,
): Promise<ReadonlyMap<string, number>> {
  const activities = activitiesRepository(database);
  const page = { now: new Date().toISOString(), limit: 21 };
  const word = (run: number) => WORDS[(run * 61) % WORDS.length] ?? '';
  const questions: Record<string, (run: number) => Promise<unknown>> = {
    home: () => activities.home(page),
    profile: (run) => activities.byHandle(page, `user${run % USERS}`),
    notifications: () => activities.notifications(page, 'user0'),
    thread: (run) => activities.find(uuidOf(1 + ((run * 7919) % rows)), page.now),
    'search, many hits': (run) => activities.search(page, word(run)),
    'search, one hit': (run) => activities.search(page, `#${1 + ((run * 7919) % rows)} `),
    'search, no hit': (run) => activities.search(page, `${word(run)}qqx`),
    'search, one character': () => activities.search(page, 'm'),
    'search, no hit of one character': () => activities.search(page, '~'),
  };
  const medians = new Map<string, number>();
  for (const [route, ask] of Object.entries(questions)) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const began = performance.now();
      await ask(run);
      times.push(performance.now() - began);
    }
    medians.set(route, median(times));
  }
  return medians;
}
