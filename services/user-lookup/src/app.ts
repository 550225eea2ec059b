import type { ServerSettings } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import type { UsersDatabase } from './database.ts';
import { requireToken, securitySchemes } from './require-token.ts';
import { usersRepository } from './users/repository.ts';
import { usersRoutes } from './users/routes.ts';

export interface AppOptions extends ServerSettings {
  /** Closed with the app. */
  readonly database: UsersDatabase;
  /** Callers must send this token as `authorization: Bearer …`. Without it, callers need none. */
  readonly userLookupToken?: string | undefined;
}

/** The user directory: finds users by handle for other services. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { database, userLookupToken: token } = options;
  const app = await createServer({
    ...options,
    title: 'user-lookup',
    description: 'The internal directory of users.',
    version: manifest.version,
    ...(token !== undefined && { securitySchemes }),
    checkDatabase: database.check,
    api(api) {
      if (token !== undefined) requireToken(api, token);
      usersRoutes(api, usersRepository(database));
    },
  });
  app.addHook('onClose', function closeDatabase() {
    return database.close();
  });
  return app;
}
