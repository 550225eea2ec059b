import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { NoQuery, problemResponses } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import { displayNameOf } from './display-name.ts';
import type { NotesRepository } from './repository.ts';
import { NewNote, Note, Notes, NotesParams } from './schemas.ts';

/** GET and POST /notes/:handle. */
export function notesRoutes(
  instance: FastifyInstance,
  repository: NotesRepository,
  userLookupUrl: string,
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const tags = ['notes'];

  app.get(
    '/notes/:handle',
    {
      schema: {
        tags,
        summary: "A user's notes, with the user's name",
        params: NotesParams,
        querystring: NoQuery,
        response: { 200: Notes, ...problemResponses(414, 504) },
      },
    },
    async function findNotes({ params: { handle }, deadline }) {
      const [notes, display_name] = await Promise.all([
        repository.findByHandle(handle, deadline.signal),
        displayNameOf(handle, userLookupUrl, deadline),
      ]);
      return { display_name, notes };
    },
  );

  app.post(
    '/notes/:handle',
    {
      schema: {
        tags,
        summary: 'Adds a note',
        params: NotesParams,
        querystring: NoQuery,
        body: NewNote,
        response: { 201: Note, ...problemResponses(413, 414, 415, 504) },
      },
    },
    async function addNote({ params: { handle }, body: { text }, deadline }, reply) {
      reply.code(201);
      return repository.add(handle, text, deadline.signal);
    },
  );
}
