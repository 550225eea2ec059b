import { basename } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../../http/documented.ts';
import { whileAwaited } from '../../http/while-awaited.ts';
import { strictObject } from '../../lib/strict-object.ts';
import type { SpanStore } from '../store/store.ts';
import { readRuns } from './read-runs.ts';
import type { RunFacts, RunFolders } from './run-folders.ts';
import { Run } from './schemas.ts';

/** Milliseconds for the list, which reads all spans. */
const TIMEOUT_MS = 30_000;

const RunId = Type.String({ minLength: 1, maxLength: 200 });
const Folder = Type.Object({
  folder: Type.Optional(Type.String({ description: 'absolute, on the machine of the command' })),
});

/** `GET /api/runs`: the runs. `/api/code-folder`: the folder that the paths of a run's lines of code are relative to. */
export const runRoutes: FastifyPluginAsyncTypebox<{
  store: SpanStore;
  folders: RunFolders;
}> = async (app, { store, folders }) => {
  app.get(
    '/api/runs',
    documented('compare', 'The stored runs', Type.Object({ runs: Type.Array(Run) })),
    async function listRuns(_request, reply) {
      const runs = await readRuns(store, whileAwaited(reply, TIMEOUT_MS));
      const told = await folders.all();
      return { runs: runs.map((run) => ({ ...run, ...shownOf(told.get(run.id)) })) };
    },
  );

  app.get(
    '/api/code-folder',
    documented(
      'compare',
      'The folder that the code.file.path of spans is relative to, of one run or of none',
      Folder,
      {
        querystring: strictObject({ run: Type.Optional(RunId) }),
      },
    ),
    async function showFolder({ query }) {
      const folder = await folders.of(query.run);
      return { ...(folder !== undefined && { folder }) };
    },
  );

  app.post(
    '/api/code-folder',
    documented(
      'compare',
      'Keeps the folder of a run, how many problems its end said, and its exit code',
      Folder,
      {
        body: strictObject({
          run: RunId,
          folder: Type.String({ minLength: 1, maxLength: 4096 }),
          problems: Type.Optional(Type.Integer({ minimum: 0 })),
          exit_code: Type.Optional(Type.Integer()),
        }),
      },
    ),
    async function keepFolder({ body: { run, ...facts } }) {
      await folders.keep(run, facts);
      return { folder: facts.folder };
    },
  );
};

/** What the list says of a run: only the name of its folder, as others may read it. */
function shownOf(facts: RunFacts | undefined) {
  if (facts === undefined) return {};
  return { ...facts, folder: basename(facts.folder) };
}
