import { readList, writeList } from '../../core/places/list-param.ts';
import type { Place } from '../../core/places/place.ts';
import { anyText, readParams } from '../../core/places/read-params.ts';
import type { Box } from '../../core/query/build/box.ts';
import { defaultQuery } from '../../core/query/build/default-query.ts';
import type { QuerySpecInput } from '../../core/query/parse/query-spec.ts';
import { jsonOrNothing } from '../../lib/text/parse-json.ts';

export const PANELS = ['results', 'rows', 'bubbleup'] as const;
export type Panel = (typeof PANELS)[number];

export interface QueryPlace {
  readonly dataset: string;
  readonly query: QuerySpecInput;
  readonly box?: Box | undefined;
  readonly panel: Panel;
  /** Columns of the raw rows. By default, the columns that the query names. */
  readonly columns?: readonly string[] | undefined;
  /** Whether value axes are logarithmic. By default, axes of durations are. */
  readonly log?: boolean | undefined;
  /** Whether the table has a row for all groups together. */
  readonly total: boolean;
  /** The fault of the URL's query. */
  readonly problem?: string;
}

/** The params of the Query view. */
export const QUERY_PARAMS = {
  dataset: anyText,
  // What is wrong with a query is its reader's problem.
  query: anyText,
  box: readBox,
  panel: PANELS,
  columns: readList,
  log: anyText,
  total: anyText,
} as const;

/** Reads the place. A malformed param gets its default, and `problem` says so. */
export function readQueryPlace({ params }: Place): QueryPlace {
  const {
    dataset = '__all__',
    query: text,
    box,
    panel = 'results',
    columns,
    log,
    total,
  } = readParams(QUERY_PARAMS, params);
  const rest = {
    dataset: dataset === '' ? '__all__' : dataset,
    panel,
    ...(log !== undefined && { log: log !== 'no' }),
    total: total !== undefined,
    ...(columns !== undefined && { columns }),
    ...(box !== undefined && { box }),
  };
  if (text === undefined) return { ...rest, query: defaultQuery };
  const query = jsonOrNothing(text);
  if (typeof query === 'object' && query !== null && !Array.isArray(query)) return { ...rest, query };
  return {
    ...rest,
    query: defaultQuery,
    problem: 'The link’s query is not JSON; this is the query to begin with.',
  };
}

/** The place of a query with the selection in its result. */
export function writeQueryPlace({
  dataset,
  query,
  box,
  panel,
  columns,
  log,
  total,
}: Omit<QueryPlace, 'problem'>): Place {
  return {
    view: 'query',
    params: {
      dataset,
      query: JSON.stringify(query),
      ...(box !== undefined && { box: JSON.stringify(box) }),
      ...(panel !== 'results' && { panel }),
      ...(columns !== undefined && { columns: writeList(columns) ?? '' }),
      ...(log !== undefined && { log: log ? '' : 'no' }),
      ...(total && { total: '' }),
    },
  };
}

function readBox(text: string): Box | undefined {
  const box = jsonOrNothing(text) as Partial<Box> | undefined;
  if (typeof box !== 'object' || box === null || typeof box.column !== 'string') return undefined;
  const { column, start, end, min, max } = box;
  const numbers = [start, end, min, max];
  return numbers.every((each) => typeof each === 'number' && Number.isFinite(each))
    ? { column, start: Number(start), end: Number(end), min: Number(min), max: Number(max) }
    : undefined;
}
