import { hrefOf, queryPlace } from '../../places/place.ts';
import type { QuerySpecInput } from '../../query/parse/query-spec.ts';
import type { SavedList } from '../../saved-queries/routes.ts';
import { environment, hasWordsOf, limit, words } from '../arguments.ts';
import { tool } from '../tool.ts';

export const findQueries = tool({
  name: 'find_queries',
  title: 'Find saved queries',
  description:
    'Saved queries whose names, descriptions or columns contain all words of a text, in any order; without a text all saved queries. run_query takes their query_spec.',
  input: { ...environment, input: words, limit: limit(10, 50) },
  async run({ input, limit = 10 }, { ask, page }) {
    const { folder, queries, problems } = await ask<SavedList>('/api/saved');
    const fits = hasWordsOf(input ?? '');
    const found = queries.filter(({ slug, name, description, query }) =>
      fits([slug, name, description, ...columnsOf(query)].join(' ')),
    );
    return {
      link: page + hrefOf({ view: 'query', params: { query: '{}' } }),
      ...(folder === null && { note: 'The explorer has no folder of saved queries: see EXPLORER_QUERIES.' }),
      ...(problems.length > 0 && { problems }),
      queries_total: found.length,
      queries: found.slice(0, limit).map(({ query, ...named }) => {
        return { ...named, query_spec: query, link: page + hrefOf(queryPlace(query)) };
      }),
    };
  },
});

function columnsOf({ breakdowns = [], calculations = [], filters = [] }: QuerySpecInput): string[] {
  return [...breakdowns, ...[...calculations, ...filters].map(({ column }) => column ?? '')];
}
