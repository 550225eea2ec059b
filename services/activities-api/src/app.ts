import type { ServerOptions, ServerSettings } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import { activitiesRepository } from './activities/repository.ts';
import { activitiesRoutes } from './activities/routes.ts';
import type { Config } from './config.ts';
import type { ActivitiesDatabase } from './database.ts';
import type { UserDirectory } from './user-lookup/call.ts';

export interface AppOptions extends Pick<ServerOptions, 'runtime' | 'injectFaults'> {
  readonly settings: ServerSettings &
    Pick<Config, 'rateLimitMax' | 'frontendUrl' | 'backendUrl' | 'explorerUrl'> &
    Partial<Pick<Config, 'publicEdge' | 'corsOrigins'>>;
  /** Closed with the app. */
  readonly database: ActivitiesDatabase;
  /** Closed with the app. */
  readonly users: UserDirectory;
  readonly now?: () => Date;
}

/** The public API: activities, their replies and their authors. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { settings, database, users, now = () => new Date() } = options;
  const { rateLimitMax, publicEdge, frontendUrl, backendUrl, explorerUrl, corsOrigins } = settings;
  const app = await createServer({
    title: 'activities-api',
    description: 'Activities, their replies and their authors.',
    version: manifest.version,
    settings,
    runtime: options.runtime,
    injectFaults: options.injectFaults,
    rateLimitMax,
    publicEdge,
    corsOrigins: [frontendUrl, backendUrl, explorerUrl, ...(corsOrigins ? corsOrigins.split(/ ?, ?/) : [])],
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
