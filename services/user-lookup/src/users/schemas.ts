import { CLOSED } from '@tandem/service-kit';
import Type from 'typebox';

const Handle = Type.String({
  pattern: '^[a-z0-9_-]{1,30}$',
  description: '1 to 30 lower-case letters, digits, _ or -',
  examples: ['bayko'],
});

export const User = Type.Object({
  handle: Handle,
  display_name: Type.String(),
  avatar_url: Type.String(),
});

export const UserParams = Type.Object({ handle: Handle }, CLOSED);

export const UsersQuery = Type.Object(
  { handle: Type.Array(Handle, { minItems: 1, maxItems: 100, description: 'repeated once for each user' }) },
  CLOSED,
);

export const Users = Type.Object({
  users: Type.Array(User),
  missing: Type.Array(Handle, { description: 'handles that nobody has' }),
});

export const SearchQuery = Type.Object(
  {
    q: Type.String({
      minLength: 1,
      maxLength: 64,
      format: 'plain-text',
      description: 'part of a handle or name, in any case; made for up to some 100,000 users',
    }),
    after: Type.Optional(Handle),
  },
  CLOSED,
);

export const FoundUsers = Type.Object({
  users: Type.Array(User, { description: 'by handle, 20 at most' }),
  next_after: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: '`after` of the next page; null on the last',
  }),
});
