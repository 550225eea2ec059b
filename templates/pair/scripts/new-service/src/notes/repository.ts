import { randomUUID } from 'node:crypto';
import type { NoteRow, NotesDatabase } from '../database.ts';

export interface NotesRepository {
  /** At most 20 notes of a user. */
  findByHandle(handle: string, signal?: AbortSignal): Promise<NoteRow[]>;
  add(handle: string, text: string, signal?: AbortSignal): Promise<NoteRow>;
}

export function notesRepository({ db }: NotesDatabase): NotesRepository {
  return {
    findByHandle: (handle, signal) =>
      db.selectFrom('notes').selectAll().where('handle', '=', handle).limit(20).execute({ signal }),
    async add(handle, text, signal) {
      const note = { id: randomUUID(), handle, text };
      await db.insertInto('notes').values(note).execute({ signal });
      return note;
    },
  };
}
