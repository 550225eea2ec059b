import type { ServerSettings } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import { activitiesRepository } from './activities/repository.ts';
import { activitiesRoutes } from './activities/routes.ts';
import type { ActivitiesDatabase } from './database.ts';
import type { UserDirectory } from './user-lookup/call.ts';

export interface AppOptions extends ServerSettings {
  /** Closed with the app. */
  readonly database: ActivitiesDatabase;
  /** Closed with the app. */
  readonly users: UserDirectory;
  /** Origins whose pages may call the API: the page's origin, and the API's own. */
  readonly frontendUrl: string;
  readonly backendUrl: string;
  /** Strangers can call, so their trace contexts become links. False when left out. */
  readonly publicEdge?: boolean;
  readonly now?: () => Date;
}

/** The public API: activities, their replies and their authors. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { database, users, frontendUrl, backendUrl, now = () => new Date() } = options;
  const app = await createServer({
    ...options,
    title: 'activities-api',
    description: 'Activities, their replies and their authors.',
    version: manifest.version,
    corsOrigins: [frontendUrl, backendUrl],
    ownHosts: [new URL(backendUrl).hostname],
    checkDatabase: database.check,
    api: (api) =>
      activitiesRoutes(api, {
        activities: activitiesRepository(database),
        users,
        now: () => now().toISOString(),
      }),
  });
  app.addHook('onClose', async function closeConnections() {
    await Promise.all([database.close(), users.close()]);
  });
  return app;
}
