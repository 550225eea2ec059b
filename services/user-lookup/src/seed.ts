import { foldForSearch } from '@tandem/service-kit';
import type { Kysely } from 'kysely';
import type { UsersSchema } from './database.ts';

const DEMO_USERS: readonly (readonly [handle: string, displayName: string])[] = [
  ['andrewbrown', 'Captain Cumulus'],
  ['bayko', 'Bay the Keeper'],
  ['worf', 'Lieutenant Grumble'],
  ['londo', 'Ambassador Splendid'],
  ['garibaldi', 'Chief Duckworth'],
  ['vir', 'Vim the Attaché'],
  ['zed', 'Zed of the Loop'],
  ['ada', 'Countess Analytica'],
  ['otto', 'Otto the Tracer'],
  ['nimbus', 'Nimbus Nine'],
  ['pixel', 'Pixel Æther'],
  ['quark', 'Quark & Daughters'],
  ['lumen', 'Lumen Ünterwegs'],
  ['marlow', 'Marlow Half-Span'],
];

/** Adds the demo users to an empty table. Replicas may start together; each user is added once. */
export async function seedUsers(db: Kysely<UsersSchema>): Promise<void> {
  const any = await db.selectFrom('users').select('handle').limit(1).executeTakeFirst();
  if (any !== undefined) return;
  const rows = DEMO_USERS.map(([handle, display_name]) => ({
    handle,
    display_name,
    avatar_url: `https://avatars.example/${handle}.svg`,
    search_text: foldForSearch(`${handle} ${display_name}`),
  }));
  await db
    .insertInto('users')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
