import type { PressureLimits, Reach } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit/traced';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import type { UsersDatabase } from './database.ts';
import { usersRepository } from './users/repository.ts';
import { usersRoutes } from './users/routes.ts';

export interface AppOptions {
  /** Closed with the app. */
  readonly database: UsersDatabase;
  readonly logger?: FastifyBaseLogger;
  /** Who reaches the service, and what of it. */
  readonly reach?: Reach;
  /** What callers must carry as `authorization: Bearer …`; nothing when left out. */
  readonly token?: string | undefined;
  /** Requests per minute and client. */
  readonly rateLimitMax: number;
  /** Lets requests ask for faults; false when left out. */
  readonly faultInjection?: boolean;
  /** Has SERVER spans say where their handler is written; false when left out. */
  readonly codeLocations?: boolean;
  /** Requests under way past which others get 503; 256 when left out. */
  readonly maxOpenRequests?: number;
  readonly pressure?: PressureLimits;
  readonly reportError?: (error: Error) => void;
  readonly isStopping?: () => boolean;
  /** Where its traces are looked at. */
  readonly pageUrl?: string;
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
