import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { NoQuery, problemResponses } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import type { UsersRepository } from './repository.ts';
import { FoundUsers, SearchQuery, User, UserParams, Users, UsersQuery } from './schemas.ts';

/** A search finds at most this many users. */
const MAX_FOUND = 20;

/** GET /users, /users/search and /users/:handle. */
export function usersRoutes(instance: FastifyInstance, repository: UsersRepository): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const tags = ['users'];

  app.get(
    '/users',
    {
      schema: {
        tags,
        summary: 'Many users in one call',
        querystring: UsersQuery,
        response: { 200: Users, ...problemResponses(504) },
      },
    },
    async function findUsers(request) {
      const handles = [...new Set(request.query.handle)];
      const users = await repository.findByHandles(handles, request.deadline.signal);
      const found = new Set(users.map((user) => user.handle));
      return { users, missing: handles.filter((handle) => !found.has(handle)) };
    },
  );

  app.get(
    '/users/search',
    {
      schema: {
        tags,
        summary: 'Users by part of their handle or name',
        querystring: SearchQuery,
        response: { 200: FoundUsers, ...problemResponses(504) },
      },
    },
    async function searchUsers(request) {
      const { q, after } = request.query;
      const users = await repository.search(q, MAX_FOUND + 1, after, request.deadline.signal);
      const page = users.slice(0, MAX_FOUND);
      return { users: page, next_after: users.length > MAX_FOUND ? (page.at(-1)?.handle ?? null) : null };
    },
  );

  app.get(
    '/users/:handle',
    {
      schema: {
        tags,
        summary: 'One user',
        params: UserParams,
        querystring: NoQuery,
        response: { 200: User, ...problemResponses(404, 414, 504) },
      },
    },
    async function findUser(request) {
      const { handle } = request.params;
      const [user] = await repository.findByHandles([handle], request.deadline.signal);
      if (user !== undefined) return user;
      throw problems.USER_NOT_FOUND({
        errors: [{ in: 'path', field: 'handle', detail: `nobody has the handle ${handle}` }],
      });
    },
  );
}
