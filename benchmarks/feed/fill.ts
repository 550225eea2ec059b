import type { DatabaseLocation } from '@tandem/service-kit';
import { migrateToLatest } from '@tandem/service-kit';
import { openDatabase } from '@tandem/service-kit/traced';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { ActivitiesSchema } from '../../services/activities-api/src/database.ts';
import { openActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import { migrations } from '../../services/activities-api/src/migrations/index.ts';
import { openUsersDatabase } from '../../services/user-lookup/src/database.ts';

/** Users, named user0 to user999; user0 is told of every 33rd activity, of 30,000 in a million. */
export const USERS = 1000;
/** The newest activity is so old, so that what is posted comes after it. */
const AGE_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const SPAN_MS = 30 * DAY_MS;
/** One in so many activities was posted with a key that is still remembered. */
const ACTIVITIES_PER_KEY = 10;
const SYLLABLES = (
  'ta ing ther con ver re an er mo es or st al lo ki pu di com ment tion ble ful ness pro per sub ' +
  'in un de en ex im ti na ma la ra sa da ga ha ba fa ca pa va wa ne me le se te be ge he pe we ni ' +
  'mi li ri si bi fi vi wi no po so to do go bo co fo jo ho nu mu lu'
).split(' ');
/** Stems of two syllables; each is a word, and the beginning of seven more: common, as in a language. */
const STEMS = 256;

/**
 * 2,000 words whose trigrams are about as rare as those of English words that are as rare; the main file's notes have
 * the figures. Those at the beginning are in more messages than those at the end.
 */
export const WORDS: readonly string[] = Array.from({ length: 2000 }, (_, index) => {
  const syllable = (number: number) => SYLLABLES[number % SYLLABLES.length];
  const stem = index % STEMS;
  const ending = Math.floor(index / STEMS);
  const stemText = `${syllable(stem)}${syllable(5 * stem + 3 * Math.floor(stem / SYLLABLES.length) + 1)}`;
  return ending === 0 ? stemText : `${stemText}${syllable(11 * stem + 13 * ending)}`;
});

/** As many words of 16 syllables, so that each trigram is in a large share of all messages: no language is like that. */
export const WORDS_OF_COMMON_TRIGRAMS: readonly string[] = Array.from({ length: 2000 }, (_, index) => {
  const syllable = (divisor: number) => SYLLABLES[Math.floor((index + 16) / divisor) % 16];
  return `${syllable(1)}${syllable(16)}${index < 240 ? '' : syllable(256)}`;
});

/** Primes whose multiples pick the words of a message. */
const PICKS = [
  15_485_863, 32_452_843, 49_979_687, 67_867_967, 86_028_121, 104_395_301, 122_949_823, 141_650_939,
];

/** The words of the message of this number, made of `words`. */
function messageOf(number: number, words: readonly string[]): string {
  const picked = PICKS.map((prime) => {
    const hash = (number * prime) % 1_000_003;
    return words[Math.floor(((hash % 1409) * (hash % 1423)) / 1002)];
  });
  return picked.join(' ');
}

/** Those of `words` that are in so many of the first 1,000 messages; of more messages, they are in the same share. */
function wordsIn(words: readonly string[], least: number, most: number): readonly string[] {
  const messages = Array.from({ length: 1000 }, (_, index) => messageOf(index + 1, words));
  return words.filter((word) => {
    const frequency = messages.filter((message) => message.includes(word)).length;
    return frequency >= least && frequency <= most;
  });
}

/** Words of one message in 25, the most frequent ones. */
export const FREQUENT_WORDS = wordsIn(WORDS, 40, 1000);
/** Words and parts of words that fill a page from few activities. */
export const FREQUENT_TERMS = [...SYLLABLES.filter(({ length }) => length > 2), ...wordsIn(WORDS, 50, 1000)];
/** Words of one message in 200 to 1,000: they fill a page of many activities, not one of few. */
export const UNCOMMON_WORDS = wordsIn(WORDS, 1, 5);
/** The same of the other words. */
export const OTHER_FREQUENT_WORDS = wordsIn(WORDS_OF_COMMON_TRIGRAMS, 40, 1000);
export const OTHER_UNCOMMON_WORDS = wordsIn(WORDS_OF_COMMON_TRIGRAMS, 1, 5);
/** user0 to user3 make a tenth of the activities, enough for a page of each. */
export const BUSY_USERS = 4;

/** Identifier of the activity of this number, from 1. */
export function uuidOf(number: number): string {
  const scattered = (number * 2_654_435_761) % 2 ** 32;
  return `${scattered.toString(16).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/**
 * Makes a database with so many activities of the last 30 days, made of `words`, a quarter of them replies, and 1,000
 * users. The indexes for searching are made when the rows are there: that takes a fraction of the time.
 */
export async function fill(
  locations: { readonly activities: DatabaseLocation; readonly users: DatabaseLocation },
  rows: number,
  words: readonly string[] = WORDS,
): Promise<void> {
  const users = await openUsersDatabase(locations.users);
  await sql`insert into users (handle, display_name, avatar_url, search_text)
    ${numbers(USERS)} select 'user' || (n - 1), 'User ' || (n - 1), '', 'user' || (n - 1) || ' user ' || (n - 1)
    from numbers`.execute(users.db);
  await users.close();

  const isPostgres = 'url' in locations.activities;
  const { db, close } = openDatabase<ActivitiesSchema>(locations.activities);
  const withoutIndexes = Object.entries(migrations).filter(([name]) => name < '0005');
  await migrateToLatest(db, 'activities-api', Object.fromEntries(withoutIndexes));
  // Statements of no request have the server's limit, which is too short for a million rows.
  await db.connection().execute(async (connection) => {
    if (isPostgres) await sql`set statement_timeout = 0`.execute(connection);
    if (isPostgres) await sql`drop index if exists activities_search`.execute(connection);
    await insertActivities(connection, rows, isPostgres, words);
  });
  await close();
  const { db: filled, ...rest } = await openActivitiesDatabase(locations.activities);
  await filled.connection().execute(async (connection) => {
    if (isPostgres) await sql`set statement_timeout = 0`.execute(connection);
    await sql.raw(isPostgres ? 'vacuum analyze' : 'analyze').execute(connection);
  });
  await rest.close();
}

function numbers(count: number) {
  return sql`with recursive numbers(n) as
    (select cast(1 as bigint) union all select n + 1 from numbers where n < ${sql.lit(count)})`;
}

async function insertActivities(
  db: Kysely<ActivitiesSchema>,
  rows: number,
  isPostgres: boolean,
  words: readonly string[],
): Promise<void> {
  await sql`create temporary table words (id integer primary key, word text not null)`.execute(db);
  const pairs = words.map((word, index) => sql`(${sql.lit(index)}, ${sql.lit(word)})`);
  await sql`insert into words (id, word) values ${sql.join(pairs)}`.execute(db);
  const newest = Date.now() - AGE_MS;
  const time = (number: string, plus = 0) => {
    const ms = `(${newest + plus} - (${rows} - ${number}) * ${Math.floor(SPAN_MS / rows)})`;
    return sql.raw(
      isPostgres
        ? `to_char(to_timestamp(${ms} / 1000.0) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
        : `strftime('%Y-%m-%dT%H:%M:%fZ', ${ms} / 1000.0, 'unixepoch')`,
    );
  };
  const uuid = (number: string) => {
    const scattered = `${number} * 2654435761 % 4294967296`;
    const hex = isPostgres ? `lpad(to_hex(${scattered}), 8, '0')` : `printf('%08x', ${scattered})`;
    return sql.raw(`${hex} || '-0000-4000-8000-' || substr(cast(1000000000000 + ${number} as text), 2)`);
  };
  const picked = (prime: number) => {
    const hash = `(n * ${prime} % 1000003)`;
    return sql.raw(`((${hash} % 1409) * (${hash} % 1423)) / 1002`); // more often a small number than a large one
  };
  const message = sql.raw(`${PICKS.map((_, k) => `w${k}.word`).join(` || ' ' || `)} || ' #' || n ||
    case when n % 33 = 0 then ' @user0' when n % 3 = 0 then ' @user' || (n % ${USERS}) else '' end`);
  await sql`
    insert into activities (uuid, handle, message, search_text, created_at, expires_at,
      replies_count, reply_to_activity_uuid, reply_number)
    ${numbers(rows)}
    select ${uuid('n')},
      'user' || case when n % 10 = 1 then n / 10 % ${sql.lit(BUSY_USERS)} else n * 7 % ${sql.lit(USERS)} end, ${message}, ${message},
      ${time('n')}, ${time('n', SPAN_MS + DAY_MS)},
      case when n % 4 = 3 then 1 else 0 end, case when n % 4 = 0 then ${uuid('(n - 1)')} end,
      case when n % 4 = 0 then 1 else 0 end
    from numbers ${sql.join(
      PICKS.map((_, k) => sql.raw(`cross join words w${k}`)),
      sql` `,
    )}
    where ${sql.join(
      PICKS.map((prime, k) => sql`${sql.raw(`w${k}.id`)} = ${picked(prime)}`),
      sql` and `,
    )}
    order by n`.execute(db);
  await sql`
    insert into activity_recipients (handle, created_at, activity_uuid)
    select case when cast(substr(uuid, 25) as bigint) % 33 = 0 then 'user0'
      else 'user' || cast(substr(uuid, 25) as bigint) % ${sql.lit(USERS)} end, created_at, uuid
    from activities where cast(substr(uuid, 25) as bigint) % 3 = 0`.execute(db);
  await sql`
    insert into idempotency_keys (key, fingerprint, answer, expires_at)
    ${numbers(rows / ACTIVITIES_PER_KEY)} select 'key ' || n, '', '{}', ${new Date(Date.now() + DAY_MS).toISOString()}
    from numbers`.execute(db);
}
