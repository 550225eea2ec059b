import Type from 'typebox';
import { linkTo, queryPlace } from '../../../core/places/place.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { environment, limit } from '../../../core/tools/arguments.ts';
import type { ToolContext } from '../../../core/tools/tool.ts';
import { tool } from '../../../core/tools/tool.ts';
import type { SavedList } from '../server/saved-queries/routes.ts';
import { hasWordsOf } from './has-words.ts';

const words = Type.Optional(Type.String({ description: 'Words, or parts of words.' }));

export const findQueries = tool({
  name: 'find_queries',
  title: 'Find saved queries',
  description:
    'Saved queries whose names, descriptions or columns contain all words of a text, in any order; without a text all saved queries. run_query takes their query_spec.',
  input: { ...environment, input: words, limit: limit(10, 50) },
  async run({ input, limit = 10 }, context) {
    const { head, queries } = await readSaved(context);
    const fits = hasWordsOf(input ?? '');
    const found = queries.filter(({ slug, name, description, query_spec }) =>
      fits([slug, name, description, ...columnsOf(query_spec)].join(' ')),
    );
    return { ...head, queries_total: found.length, queries: found.slice(0, limit) };
  },
});

export const listBoards = tool({
  name: 'list_boards',
  title: 'Boards',
  description:
    'The boards: saved queries by name are the only one. find_queries has their query_spec, and run_query the rows of a query.',
  input: { ...environment, limit: limit(50, 200) },
  async run({ limit = 50 }, context) {
    const { head, queries } = await readSaved(context);
    const shown = queries.slice(0, limit).map(({ query_spec: _, ...named }) => named);
    const board = { name: 'Saved queries', queries_total: queries.length, queries: shown };
    return { ...head, boards: queries.length === 0 ? [] : [board] };
  },
});

/** The saved queries, and the beginning of each answer about them. */
async function readSaved({ ask, page }: ToolContext) {
  const { folder, queries, problems } = await ask<SavedList>('/api/saved');
  const head = {
    link: linkTo(page, { view: 'query', params: { query: '{}' } }),
    ...(folder === null && { note: 'The explorer has no folder of saved queries: see EXPLORER_QUERIES.' }),
    ...(problems.length > 0 && { problems }),
  };
  const linked = queries.map(({ query, ...named }) => {
    return { ...named, query_spec: query, link: linkTo(page, queryPlace(query)) };
  });
  return { head, queries: linked };
}

function columnsOf({ breakdowns = [], calculations = [], filters = [] }: QuerySpecInput): string[] {
  return [...breakdowns, ...[...calculations, ...filters].map(({ column }) => column ?? '')];
}
