import type { ServerOptions, ServerSettings } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import type { Config } from './config.ts';
import type { UsersDatabase } from './database.ts';
import { requireToken, securitySchemes } from './require-token.ts';
import { usersRepository } from './users/repository.ts';
import { usersRoutes } from './users/routes.ts';

export interface AppOptions extends Pick<ServerOptions, 'runtime' | 'injectFaults'> {
  /** With `userLookupToken`, callers must send the token as `authorization: Bearer …`. */
  readonly settings: ServerSettings &
    Pick<Config, 'userLookupRateLimitMax'> &
    Partial<Pick<Config, 'userLookupToken'>>;
  /** Closed with the app. */
  readonly database: UsersDatabase;
}

/** The user directory: finds users by handle for other services. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { settings, database } = options;
  const { userLookupToken: token } = settings;
  const app = await createServer({
    title: 'user-lookup',
    description: 'The internal directory of users.',
    version: manifest.version,
    settings,
    runtime: options.runtime,
    injectFaults: options.injectFaults,
    rateLimitMax: settings.userLookupRateLimitMax,
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
