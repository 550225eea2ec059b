import { CLOSED } from '@tandem/service-kit';
import Type from 'typebox';

const Handle = Type.String({ pattern: '^[a-z0-9_-]{1,30}$', examples: ['bayko'] });

export const NotesParams = Type.Object({ handle: Handle }, CLOSED);

export const NewNote = Type.Object({ text: Type.String({ minLength: 1, maxLength: 1024 }) }, CLOSED);

export const Note = Type.Object({ id: Type.String(), handle: Handle, text: Type.String() });

export const Notes = Type.Object({
  display_name: Type.Union([Type.String(), Type.Null()], {
    description: "the user's name; null for an unknown user, and while user-lookup does not answer",
  }),
  notes: Type.Array(Note),
});
