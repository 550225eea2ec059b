import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defineProblems } from '@tandem/service-kit/http';
import type { Static } from 'typebox';
import Type from 'typebox';
import { problems } from '../../../../core/errors.ts';
import { parseQuery } from '../../../../core/query/parse/parse-query.ts';
import type { SpanStore } from '../../../../core/store/store.ts';
import { documented } from '../../../../http/documented.ts';
import { strictObject } from '../../../../lib/strict-object.ts';
import { node } from '../../part.node.ts';
import { AnyQuery, Description, QueryFolder, SavedContent, SLUG_PATTERN } from './query-folder.ts';

const own = defineProblems(node.problems);

/** Bytes of a query. */
const BODY_LIMIT = 256 * 1024;

const replace = Type.Optional(
  Type.Boolean({
    default: false,
    description: 'Whether it may replace one with the same name.',
  }),
);

const Slug = Type.Object({
  slug: Type.String({
    pattern: SLUG_PATTERN,
    description: '1 to 80 lower-case letters, digits and dashes; the first is not a dash',
  }),
});
const Alias = Type.Object({ alias: Type.String({ minLength: 1, maxLength: 255 }) });
const QueryBody = strictObject({ query: AnyQuery, replace });
const FieldBody = strictObject({
  expression: Type.String({ minLength: 1, maxLength: 10_000 }),
  description: Description,
  replace,
});

const SavedList = Type.Object({
  folder: Type.Union([Type.String(), Type.Null()], { description: 'null without a folder.' }),
  ...SavedContent.properties,
});
export type SavedList = Static<typeof SavedList>;
const Done = Type.Object({ saved: Type.String() });
const Deleted = Type.Object({ deleted: Type.String() });

/** `/api/saved`: queries and calculated fields in the folder of EXPLORER_QUERIES. */
export const savedRoutes: FastifyPluginAsyncTypebox<{
  store: Pick<SpanStore, 'fields'>;
  queryFolder: string | undefined;
}> = async (app, { store, queryFolder }) => {
  const folder = queryFolder === undefined ? undefined : new QueryFolder(queryFolder);
  const toChange = (): QueryFolder => {
    if (folder !== undefined) return folder;
    const detail =
      'Start the explorer with EXPLORER_QUERIES=<folder> (or --queries <folder>) to save queries.';
    throw own.NO_QUERY_FOLDER({ detail });
  };

  app.get(
    '/api/saved',
    documented('query', 'Saved queries and calculated fields', SavedList, {
      description: 'Each request reads the files. Without a folder, the lists are empty.',
    }),
    async function listSaved() {
      const nothing = { queries: [], calculated_fields: [], triggers: [], problems: [] };
      return { folder: queryFolder ?? null, ...((await folder?.read()) ?? nothing) };
    },
  );

  app.put(
    '/api/saved/queries/:slug',
    {
      ...documented('query', 'Saves a query as queries/{slug}.json', Done, {
        params: Slug,
        body: QueryBody,
      }),
      bodyLimit: BODY_LIMIT,
    },
    async function saveQuery({ params: { slug }, body }) {
      parseQuery(body.query);
      const { id: _, ...query } = body.query;
      await toChange().save(slug, query, body.replace === true);
      return { saved: slug };
    },
  );

  app.delete(
    '/api/saved/queries/:slug',
    documented('query', 'Deletes the file of a saved query', Deleted, { params: Slug }),
    async function deleteQuery({ params: { slug } }) {
      await toChange().remove(slug);
      return { deleted: slug };
    },
  );

  app.put(
    '/api/saved/calculated-fields/:alias',
    documented('query', 'Saves a calculated field in calculated-fields.json', Done, {
      params: Alias,
      body: FieldBody,
    }),
    async function saveField({ params: { alias }, body: { replace: mayReplace = false, ...field } }) {
      if (!mayReplace && store.fields().has(alias)) {
        const detail = `Spans have a field ${alias}, which the calculated one would hide; take another name.`;
        throw problems.VALIDATION_FAILED({ errors: [{ in: 'path', field: 'alias', detail }] });
      }
      await toChange().saveField({ alias, ...field }, mayReplace);
      return { saved: alias };
    },
  );

  app.delete(
    '/api/saved/calculated-fields/:alias',
    documented('query', 'Deletes a calculated field from calculated-fields.json', Deleted, {
      params: Alias,
    }),
    async function deleteField({ params: { alias } }) {
      await toChange().removeField(alias);
      return { deleted: alias };
    },
  );
};
