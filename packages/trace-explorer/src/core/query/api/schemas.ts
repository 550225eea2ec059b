import { PROBLEM_JSON } from '@tandem/service-kit/http';
import Type from 'typebox';
import { QuerySpecInput } from '../parse/query-spec.ts';
import { QueryData } from '../result/query-result.ts';

/* The answers of the query API, for its documentation. parse/ describes the requests. */

/** A query as the API returns it: with its id and the defaults that apply. */
export const Query = Type.Object({ ...QuerySpecInput.properties, id: Type.String() }, { title: 'Query' });

export const QueryResult = Type.Object(
  {
    query: Query,
    id: Type.String(),
    complete: Type.Boolean(),
    data: Type.Optional(QueryData),
    links: Type.Object({ query_url: Type.String(), graph_image_url: Type.String() }),
  },
  { title: 'QueryResult' },
);

export const ColumnAnswer = Type.Object({
  id: Type.String(),
  key_name: Type.String(),
  alias: Type.String(),
  hidden: Type.Boolean(),
  description: Type.String(),
  type: Type.Enum(['string', 'integer', 'float', 'boolean']),
  last_written: Type.String({ format: 'date-time' }),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});

export const DerivedColumn = Type.Object({
  id: Type.String(),
  alias: Type.String(),
  expression: Type.String(),
  description: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});

export const DatasetAnswer = Type.Object({
  name: Type.String(),
  slug: Type.String(),
  description: Type.String(),
  settings: Type.Object({ delete_protected: Type.Boolean() }),
  expand_json_depth: Type.Integer(),
  regular_columns_count: Type.Integer(),
  last_written_at: Type.String({ format: 'date-time' }),
  created_at: Type.String({ format: 'date-time' }),
});

export const Auth = Type.Object({
  id: Type.String(),
  type: Type.String(),
  api_key_access: Type.Record(Type.String(), Type.Boolean()),
  environment: Type.Object({ name: Type.String(), slug: Type.String() }),
  team: Type.Object({ name: Type.String(), slug: Type.String() }),
});

export const HoneycombError = Type.Object(
  {
    status: Type.Integer(),
    type: Type.String(),
    title: Type.String(),
    error: Type.String(),
    type_detail: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), code: Type.String(), description: Type.String() })),
    ),
  },
  { $id: 'HoneycombError' },
);

/** The answer of any status that a route does not list. */
const AnyHoneycombError = {
  description: 'Anything else is an error in Honeycomb’s form',
  content: { [PROBLEM_JSON]: { schema: { $ref: 'HoneycombError#' } } },
};

/** A 400 has two forms, because an unreadable URL has an answer before it has a route. */
const BadRequest = {
  description: 'The request cannot be read: in Honeycomb’s form, or as a problem (RFC 9457)',
  content: {
    [PROBLEM_JSON]: { schema: { anyOf: [{ $ref: 'HoneycombError#' }, { $ref: 'ProblemDetails#' }] } },
  },
};

/** The documentation of a route: its purpose, its answers, and the form of its errors. */
export function queryDocs(
  summary: string,
  status: number,
  answer: unknown,
  request: Record<string, unknown> = {},
) {
  const response = { [status]: answer, 400: BadRequest, default: AnyHoneycombError };
  return { schema: { tags: ['query'], summary, ...request, response } };
}
