import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defineProblems } from '@tandem/service-kit/http';
import type { Static } from 'typebox';
import Type from 'typebox';
import { TYPED } from '../../../core/call.ts';
import type { ServerContext } from '../../../core/door/node.ts';
import { AcceptedCauses } from '../../../core/problems/file/accepted-causes.ts';
import { shortId } from '../../../core/problems/file/short-id.ts';
import { keyOfId } from '../../../core/problems/problem-key.ts';
import { ListedCauses } from '../../../core/problems/schemas.ts';
import type { ReadSavedFields } from '../../../core/query/parse/saved-fields.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { List, ListQuery } from '../../../core/traces/list/schemas.ts';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { strictObject } from '../../../lib/strict-object.ts';
import { intervalOf, rangeQuery } from '../../../lib/time/time-range.ts';
import { node } from '../part.node.ts';
import { inRows } from './cause-rows.ts';
import { HiddenCauses } from './hidden-causes.ts';
import { answerOf, MOST } from './inspection.ts';
import { Inspections } from './inspections.ts';
import { readCause, readCauseTraces } from './read-cause.ts';
import { CauseDetail, CausesFilter, MOST_LISTED } from './schemas.ts';

const own = defineProblems(node.problems);

/** @throws problem CAUSE_NOT_FOUND for a text that is no id */
function checkId(id: string): void {
  try {
    keyOfId(id);
  } catch {
    throw own.CAUSE_NOT_FOUND({
      detail: 'Something cut or changed the address. Open the cause from the overview.',
    });
  }
}

/** The command that accepts a cause. */
function acceptCommand(id: string): string {
  return `${TYPED} known add ${shortId(id)} --why TEXT`;
}

const range = rangeQuery().properties;
const CausesQuery = strictObject({
  ...range,
  ...CausesFilter.properties,
  route: Type.Optional(
    Type.String({ maxLength: 1000, description: 'only causes on this route, as the overview names it' }),
  ),
  sightings: Type.Optional(Type.Boolean({ description: 'true: with what was seen of each cause' })),
  kept: Type.Optional(
    Type.Boolean({
      description: 'true: of the traces that were looked at last for this time, where they are',
    }),
  ),
  rows: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST,
      description:
        'only so many causes, besides the accepted ones, and of each only what a row of a list shows',
    }),
  ),
});
const CauseQuery = strictObject({ ...range, seconds: CausesFilter.properties.seconds });
const CauseListQuery = strictObject({
  ...ListQuery.properties,
  ...range,
  seconds: CausesFilter.properties.seconds,
});
const CauseParams = strictObject({ id: Type.String({ maxLength: 8000 }) });

/** `/api/causes`: the causes in a time range, one cause with its traces, and the causes that are hidden. */
export const causeRoutes: FastifyPluginAsyncTypebox<{
  store: SpanStore;
  readSaved: ReadSavedFields;
  /** Folder of the hidden causes; without it, a restart forgets them. */
  stateFolder: string | undefined;
  folderOf: ServerContext['folderOf'];
}> = async (app, { store, readSaved, stateFolder, folderOf }) => {
  const hidden = new HiddenCauses(stateFolder);
  const accepted = new AcceptedCauses(store, folderOf);
  const inspections = new Inspections(store);
  const inspectionFor = async (id: string, query: Static<typeof CauseQuery>, options: ReadOptions) => {
    checkId(id);
    const { seconds } = query;
    return inspections.find({ ...intervalOf(query), ...(seconds && { seconds }) }, options);
  };

  app.get(
    '/api/causes',
    documented(
      'overview',
      'What is wrong in a time range: errors and findings, each of one operation',
      ListedCauses,
      { querystring: CausesQuery },
    ),
    async function showCauses({ query }, reply) {
      const { sightings, rows, kept, route, ...filter } = query;
      const question = { ...filter, ...intervalOf(query) };
      const options = whileAwaited(reply);
      const inspection = await (kept
        ? inspections.find(question, options)
        : inspections.make(question, options));
      const answer = answerOf(inspection, { at: query.at, route });
      const marked = await accepted.mark(answer.causes, inspection, options);
      const causes = sightings ? await accepted.withSightings(marked, inspection, options) : marked;
      const whole = { ...answer, causes: await hidden.mark(causes) };
      return rows === undefined ? whole : inRows(whole, rows, query.at !== undefined);
    },
  );

  app.get(
    '/api/causes/:id',
    documented('overview', 'One cause: its traces, the operations above it, and its query', CauseDetail, {
      params: CauseParams,
      querystring: CauseQuery,
    }),
    async function showCause({ params, query }, reply) {
      const options = whileAwaited(reply);
      const inspection = await inspectionFor(params.id, query, options);
      const detail = await readCause(store, params.id, inspection, options);
      const marked = await accepted.mark(detail.cause ? [detail.cause] : [], inspection, options);
      const [cause] = await hidden.mark(marked);
      return { ...detail, ...(cause && { cause, accept: acceptCommand(cause.id) }) };
    },
  );

  app.get(
    '/api/causes/:id/traces',
    documented('overview', `Traces of a cause in one line each, of the newest ${MOST_LISTED}`, List, {
      params: CauseParams,
      querystring: CauseListQuery,
    }),
    async function listCauseTraces({ params, query }, reply) {
      const { order = 'newest', limit = 50 } = query;
      const list = { ...query, order, limit, saved: await readSaved() };
      const options = whileAwaited(reply);
      return readCauseTraces(store, params.id, await inspectionFor(params.id, query, options), list, options);
    },
  );

  app.put(
    '/api/causes/:id/known',
    documented(
      'overview',
      'Hides a cause until it has twice the share of now, or the service a new version',
      Type.Object({ known: Type.Boolean() }),
      { params: CauseParams, querystring: CauseQuery },
    ),
    async function hideCause({ params, query }, reply) {
      const { causes } = await inspectionFor(params.id, query, whileAwaited(reply));
      const cause = causes.find(({ id }) => id === params.id);
      if (cause === undefined)
        throw own.CAUSE_NOT_FOUND({ detail: 'It is not in this time range. Choose a longer one.' });
      await hidden.hide(cause);
      return { known: true };
    },
  );

  app.delete(
    '/api/causes/:id/known',
    documented('overview', 'Shows a hidden cause again', Type.Object({ known: Type.Boolean() }), {
      params: CauseParams,
    }),
    async function showAgain({ params }) {
      await hidden.show(params.id);
      return { known: false };
    },
  );
};
