import type { ServerSettings } from '@tandem/service-kit/traced';
import { createServer } from '@tandem/service-kit/traced';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import type { UsersDatabase } from './database.ts';
import { usersRepository } from './users/repository.ts';
import { usersRoutes } from './users/routes.ts';

export interface AppOptions extends ServerSettings {
  /** Closed with the app. */
  readonly database: UsersDatabase;
  /** What callers must carry as `authorization: Bearer …`; nothing when left out. */
  readonly token?: string | undefined;
  readonly isStopping?: () => boolean;
}

/** The user directory: who has a handle, for the services that show people. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { database, token, isStopping = () => false } = options;
  const app = await createServer({
    ...options,
    title: 'user-lookup',
    description: 'The internal directory of users.',
    version: manifest.version,
    firstPath: '/api/users/andrewbrown',
    readiness: { checkDatabase: () => database.check(), isStopping },
    ...(token !== undefined && { apiToken: { value: token, variable: 'USER_LOOKUP_TOKEN' } }),
    api(api) {
      usersRoutes(api, usersRepository(database));
    },
  });
  app.addHook('onClose', function closeDatabase() {
    return database.close();
  });
  return app;
}
