import type { Database, DatabaseLocation } from '@tandem/service-kit';
import { migrateToLatest, openDatabase } from '@tandem/service-kit';
import type { Kysely } from 'kysely';

/** A note as stored. */
export interface NoteRow {
  id: string;
  handle: string;
  text: string;
}

export interface NotesSchema {
  notes: NoteRow;
}

export type NotesDatabase = Database<NotesSchema>;

/** Opens the database and brings its schema up to date. */
export async function openNotesDatabase(location: DatabaseLocation): Promise<NotesDatabase> {
  const database = await openDatabase<NotesSchema>(location);
  await migrateToLatest(database, 'notes-service', migrations);
  return database;
}

async function createNotes(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('notes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('handle', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('notes_by_handle').on('notes').column('handle').execute();
}

/** All migrations by name, in order. A released migration never changes. */
const migrations = { '0001-notes': { up: createNotes } };
