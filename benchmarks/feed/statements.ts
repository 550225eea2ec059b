import { activitiesRepository } from '../../services/activities-api/src/activities/repository.ts';
import type { Thread } from '../../services/activities-api/src/activities/threads.ts';
import type { ActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import { median } from '../lib/statistics.ts';
import { uuidOf } from './fill.ts';
import { busyUser, commonTrigrams, TERMS } from './requests.ts';

const RUNS = 31;

/** What one reading route costs in the database. */
export interface StatementFigures {
  /** Median time of its statements, in milliseconds. */
  readonly milliseconds: number;
  /** Activities that it finds, on average; a page has one more than it shows, to know of the next one. */
  readonly found: number;
}

/** Asks what each reading route asks of the database, one at a time. */
export async function timeStatements(
  database: ActivitiesDatabase,
  rows: number,
): Promise<ReadonlyMap<string, StatementFigures>> {
  const activities = activitiesRepository(database);
  const page = { now: new Date().toISOString(), limit: 21 };
  const questions: Record<string, (run: number) => Promise<readonly Thread[]>> = {
    home: () => activities.home(page),
    profile: (run) => activities.byHandle(page, busyUser(run)),
    notifications: () => activities.notifications(page, 'user0'),
    thread: async (run) => {
      const thread = await activities.find(uuidOf(1 + ((run * 7919) % rows)), page.now);
      return thread === undefined ? [] : [thread];
    },
  };
  for (const [name, termsOf] of Object.entries(TERMS))
    questions[name] = async (run) => (await activities.search(page, termsOf(rows)(run))).threads;
  questions['search, no hit of common trigrams'] = async (run) =>
    (await activities.search(page, commonTrigrams(run))).threads;
  const figures = new Map<string, StatementFigures>();
  for (const [route, ask] of Object.entries(questions)) {
    const times: number[] = [];
    let found = 0;
    for (let run = 0; run < RUNS; run++) {
      const began = performance.now();
      found += (await ask(run)).length / RUNS;
      times.push(performance.now() - began);
    }
    figures.set(route, { milliseconds: median(times), found });
  }
  return figures;
}
