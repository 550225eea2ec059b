import type { Static } from 'typebox';
import Type from 'typebox';
import type { Place } from '../../../core/places/place.ts';
import { linkTo } from '../../../core/places/place.ts';
import type { ColumnAnswer, DerivedColumn } from '../../../core/query/api/schemas.ts';
import { dataset, limit, offset, part, segment } from '../../../core/tools/arguments.ts';
import type { ToolContext } from '../../../core/tools/tool.ts';
import { tool } from '../../../core/tools/tool.ts';
import { hasWordsOf } from './has-words.ts';

interface ToldColumn {
  readonly key_name: string;
  readonly type: string;
}

export const getDatasetColumns = tool({
  name: 'get_dataset_columns',
  title: 'Columns of a dataset',
  description:
    'Columns of a dataset by name, with their types and when each was last written. First come the saved calculated fields (type calculated), which queries name like other columns.',
  advice: 'get_environment lists the datasets.',
  input: { ...dataset, offset, limit: limit(100, 300) },
  async run(args, { ask, page }) {
    const columns = await readColumns(args.dataset_slug, ask);
    const { items, ...more } = part(columns, { ...args, limit: args.limit ?? 100 });
    return {
      link: linkTo(page, columnsAddress(args.dataset_slug)),
      columns_total: columns.length,
      ...more,
      columns: items,
    };
  },
});

export const findColumns = tool({
  name: 'find_columns',
  title: 'Find columns',
  description:
    'Columns whose names contain all words of a text, in any order: "http status" finds http.response.status_code.',
  input: {
    ...dataset,
    input: Type.String({ description: 'Words, or parts of words, of the name.' }),
    limit: limit(20, 100),
  },
  async run({ dataset_slug, input, limit = 20 }, { ask, page }) {
    const fits = hasWordsOf(input);
    const found = (await readColumns(dataset_slug, ask)).filter(({ key_name }) => fits(key_name));
    // The shortest name is most often the intended one.
    const ordered = found.toSorted((a, b) => a.key_name.length - b.key_name.length);
    return {
      link: linkTo(page, columnsAddress(dataset_slug)),
      columns_total: found.length,
      columns: ordered.slice(0, limit),
    };
  },
});

/** Saved calculated fields, then the columns of spans, in the form of the answer. */
async function readColumns(dataset: string | undefined, ask: ToolContext['ask']): Promise<ToldColumn[]> {
  const saved = await ask<Static<typeof DerivedColumn>[]>(`/1/derived_columns/${segment(dataset)}`);
  const columns = await ask<Static<typeof ColumnAnswer>[]>(`/1/columns/${segment(dataset)}`);
  return [
    ...saved.map(({ alias, expression, description }) => {
      return { key_name: alias, type: 'calculated', expression, ...(description !== '' && { description }) };
    }),
    ...columns.map(({ key_name, type, last_written }) => ({ key_name, type, last_written })),
  ];
}

function columnsAddress(dataset = '__all__'): Place {
  return { view: 'query', params: { dataset, query: '{}' } };
}
