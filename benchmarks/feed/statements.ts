import { randomUUID } from 'node:crypto';
import { costlySteps, recordStatements } from '@tandem/service-kit/testing';
import type { CompiledQuery } from 'kysely';
import { startOf } from '../../services/activities-api/src/activities/cursor.ts';
import type { PageRequest } from '../../services/activities-api/src/activities/prepare-page.ts';
import { purgeBatch } from '../../services/activities-api/src/activities/purge.ts';
import type { ActivitiesRepository } from '../../services/activities-api/src/activities/repository.ts';
import { activitiesRepository } from '../../services/activities-api/src/activities/repository.ts';
import type { Thread } from '../../services/activities-api/src/activities/threads.ts';
import type { ActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import { median } from '../lib/statistics.ts';
import { uuidOf } from './fill.ts';
import { busyUser, OTHER_TERMS, phrase, TERMS } from './requests.ts';

const RUNS = 31;
/** Age of the position that a further page begins at: ten days of the 30 that are filled. */
const FURTHER_MS = 10 * 24 * 60 * 60 * 1000;
/** PostgreSQL takes one in 200 rows to match a term that it does not see; more than twice that is not sorted. */
const UNKNOWN_SHARE = 100;

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
  const questions = questionsOf(activitiesRepository(database), rows, firstPage());
  const figures = new Map<string, StatementFigures>();
  for (const [route, ask] of Object.entries(questions)) figures.set(route, await timeQuestion(ask));
  return figures;
}

/** The same of a database whose messages are made of words of common trigrams: its terms alone. */
export async function timeCommonTrigrams(
  database: ActivitiesDatabase,
): Promise<ReadonlyMap<string, StatementFigures>> {
  const activities = activitiesRepository(database);
  const page = firstPage();
  const figures = new Map<string, StatementFigures>();
  for (const [name, termOf] of Object.entries(OTHER_TERMS))
    figures.set(
      name,
      await timeQuestion(async (run) => (await activities.search(page, termOf(run))).threads),
    );
  return figures;
}

async function timeQuestion(ask: (run: number) => Promise<readonly Thread[]>): Promise<StatementFigures> {
  const times: number[] = [];
  let found = 0;
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    found += (await ask(run)).length / RUNS;
    times.push(performance.now() - began);
  }
  return { milliseconds: median(times), found };
}

/**
 * Looks at the plan of every statement with which the routes read and write, by the database's own `explain`.
 * @param database with one connection, which nobody else uses
 * @returns how many statements there are
 * @throws Error that names the route, the step and the statement, when one reads a table that no index narrows down
 */
export async function checkPlans(database: ActivitiesDatabase, rows: number): Promise<number> {
  const { db } = database;
  const activities = activitiesRepository(database);
  const recorded = await recordStatements(db);
  const made = new Map<string, { readonly route: string; readonly statement: CompiledQuery }>();
  const note = (route: string) => {
    for (const statement of recorded.splice(0)) made.set(statement.sql, { route, statement });
  };
  const page = firstPage();
  const before = startOf(new Date(Date.now() - FURTHER_MS).toISOString());
  for (const part of [page, { ...page, before }])
    for (const [route, ask] of Object.entries(questionsOf(activities, rows, part))) {
      await ask(1);
      note(route);
    }
  const activity = () => ({
    uuid: randomUUID(),
    handle: busyUser(0),
    message: 'plan @user1',
    created_at: page.now,
    expires_at: page.now, // no page shows it
    mentions: ['user1'],
  });
  const once = { key: randomUUID(), fingerprint: '', answer: '{}', now: page.now };
  await activities.create(activity(), once);
  note('post');
  await activities.reply(activity(), uuidOf(1), { ...once, key: randomUUID() });
  note('reply');
  await purgeBatch(db, page.now);
  note('purge');
  for (const { route, statement } of made.values()) {
    const [step] = await costlySteps(db, statement, rows / UNKNOWN_SHARE);
    if (step !== undefined)
      throw new Error(
        `The plan of ${route} at ${rows} activities has a costly step, ${step}:\n${statement.sql}`,
      );
  }
  return made.size;
}

/** The first page, as of now. */
function firstPage(): PageRequest {
  return { now: new Date().toISOString(), limit: 21 };
}

/** What each reading route asks of the database, by its name; `run` chooses among users, activities and terms. */
function questionsOf(
  activities: ActivitiesRepository,
  rows: number,
  page: PageRequest,
): Readonly<Record<string, (run: number) => Promise<readonly Thread[]>>> {
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
  questions['search, phrase of frequent words'] = async (run) =>
    (await activities.search(page, phrase(run))).threads;
  return questions;
}
