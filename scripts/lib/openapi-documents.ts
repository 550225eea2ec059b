import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildExplorer } from '../../packages/trace-explorer/src/app.ts';
import { openStore } from '../../packages/trace-explorer/src/core/store/store.ts';
import { buildApp as buildActivitiesApi } from '../../services/activities-api/src/app.ts';
import { openActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import { createUserLookupClient } from '../../services/activities-api/src/user-lookup/client.ts';
import { buildApp as buildUserLookup } from '../../services/user-lookup/src/app.ts';
import { openUsersDatabase } from '../../services/user-lookup/src/database.ts';
import { ROOT } from '../../tools/root.ts';

/** The folder of the documents, which have the names of their processes. */
export const OPENAPI_FOLDER = join(ROOT, 'docs', 'openapi');

/** The committed documents. The explorer's is too large to commit: `node tandem documents` makes it. */
export const COMMITTED = ['activities-api', 'user-lookup'] as const;

/** The OpenAPI documents that both services and the explorer answer, by name. */
export async function openapiDocuments(): Promise<Readonly<Record<string, object>>> {
  return {
    'activities-api': await documentOf(await activitiesApi()),
    'user-lookup': await documentOf(
      await buildUserLookup({
        database: await openUsersDatabase({ file: ':memory:' }),
        settings: { userLookupRateLimitMax: 600 },
      }),
    ),
    explorer: await explorerDocument(),
  };
}

/** A document as a text in which a diff shows each change. */
export function documentText(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

async function activitiesApi(): Promise<FastifyInstance> {
  return buildActivitiesApi({
    database: await openActivitiesDatabase({ file: ':memory:' }),
    users: createUserLookupClient({ origin: 'http://localhost:4568' }),
    settings: {
      rateLimitMax: 600,
      frontendUrl: 'http://localhost:3000',
      backendUrl: 'http://localhost:4567',
      explorerUrl: 'http://localhost:4319',
    },
  });
}

async function explorerDocument(): Promise<object> {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'openapi-'));
  const store = await openStore({ directory: directory.path });
  try {
    return await documentOf(await buildExplorer({ store }));
  } finally {
    await store.close();
  }
}

async function documentOf(app: FastifyInstance): Promise<object> {
  const answer = await app.inject('/documentation/json');
  await app.close();
  return answer.json();
}
