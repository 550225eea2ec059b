import type { Static } from 'typebox';
import { hrefOf } from '../../places/place.ts';
import type { ColumnAnswer, DerivedColumn } from '../../query/api/schemas.ts';
import { ALL_DATASETS } from '../../query/parse/all-datasets.ts';
import { dataset, hasWordsOf, limit, offset, part, segment, words } from '../arguments.ts';
import type { ToolContext } from '../tool.ts';
import { tool } from '../tool.ts';

interface ToldColumn {
  readonly key_name: string;
  readonly type: string;
}

export const findColumns = tool({
  name: 'find_columns',
  title: 'Find columns',
  description:
    'Columns whose names contain all words of a text, in any order: "http status" finds http.response.status_code. Without a text all columns of a dataset, with their types and when each was last written. Saved calculated fields (type calculated) are columns that queries name like other ones.',
  advice: 'get_workspace_context lists the datasets.',
  input: { ...dataset, input: words, offset, limit: limit(20, 300) },
  async run({ dataset_slug = ALL_DATASETS, input, ...wanted }, { ask, page }) {
    const fits = hasWordsOf(input ?? '');
    const found = (await readColumns(dataset_slug, ask)).filter(({ key_name }) => fits(key_name));
    // The shortest name is most often the intended one.
    if (input !== undefined) found.sort((a, b) => a.key_name.length - b.key_name.length);
    const { items, ...more } = part(found, { limit: 20, ...wanted });
    return {
      link: page + hrefOf({ view: 'query', params: { dataset: dataset_slug, query: '{}' } }),
      columns_total: found.length,
      ...more,
      columns: items,
    };
  },
});

/** Saved calculated fields, then the columns of spans, in the form of the answer. */
async function readColumns(dataset: string, ask: ToolContext['ask']): Promise<ToldColumn[]> {
  const saved = await ask<Static<typeof DerivedColumn>[]>(`/1/derived_columns/${segment(dataset)}`);
  const columns = await ask<Static<typeof ColumnAnswer>[]>(`/1/columns/${segment(dataset)}`);
  return [
    ...saved.map(({ alias, expression, description }) => {
      return { key_name: alias, type: 'calculated', expression, ...(description !== '' && { description }) };
    }),
    ...columns.map(({ key_name, type, last_written }) => ({ key_name, type, last_written })),
  ];
}
