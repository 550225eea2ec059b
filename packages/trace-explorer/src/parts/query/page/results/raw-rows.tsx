import { tracePlace } from '../../../../core/places/place.ts';
import type { NewestRow } from '../../../../core/query/newest/schemas.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { relationOf, SINGLE_RELATIONS } from '../../../../core/query/parse/relation.ts';
import { send } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { Link } from '../../../../page/components/link.tsx';
import { EmptyState } from '../../../../page/components/states/empty-state.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { Table } from '../../../../page/components/table.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import { ClauseInput } from '../clauses/clause-input.tsx';
import { completeField } from '../clauses/complete.ts';
import type { FieldInfo } from '../clauses/fields.ts';
import { namedFields, unknownFields } from '../clauses/fields.ts';
import { useCompletion } from '../clauses/use-completion.ts';
import type { ShownQuery } from '../shown-query.ts';
import { formatField } from '../values.ts';

const LIMIT = 200;

/**
 * The newest rows that match the query, with chosen columns. A row of a trace links to its span.
 * @param turn changes when the query has run again
 */
export function RawRows({ shown, turn }: { shown: ShownQuery; turn: unknown }) {
  const { fields, show } = shown;
  const { dataset, query, columns: chosen } = shown.place;
  const columns = chosen ?? defaultColumns(query, fields);
  // Every field that can be a group can be a column. The suggestions lack the columns of the table.
  const context = useCompletion({ dataset, query: { ...query, breakdowns: columns }, fields });
  const asked = JSON.stringify([dataset, query, columns]);
  const load = useLoad(
    async (signal) => {
      const body = { dataset, query, columns, limit: LIMIT };
      const { rows } = await send<{ rows: readonly NewestRow[] }>('POST', '/api/rows', body, signal);
      return { columns, rows };
    },
    [asked, turn],
  );
  return (
    <>
      <div class="line inset">
        <ClauseInput<string>
          name="COLUMNS"
          placeholder="a field"
          items={columns}
          onChange={(names) => show({ columns: names })}
          parse={(text) => text.trim()}
          format={(name) => name}
          complete={completeField}
          context={context}
        />
      </div>
      <Loaded load={load} what="Reading the newest rows">
        {(value) =>
          value.rows.length === 0 ? (
            <EmptyState title="No row matches the query" />
          ) : (
            <>
              <Table
                caption="Rows that match the query, newest first"
                rows={value.rows}
                keyOf={(_, index) => String(index)}
                columns={[
                  { key: 'time', title: 'Time', cell: (row) => <Moment row={row} /> },
                  ...value.columns.map((name, i) => ({
                    key: `of ${name}`,
                    title: <span class="mono">{name}</span>,
                    cell: (row: NewestRow) => (
                      <span class="block ellipsis" title={String(row.values[i] ?? '')}>
                        {formatField(name, row.values[i])}
                      </span>
                    ),
                  })),
                ]}
              />
              {value.rows.length === LIMIT && (
                <p class="pad muted">The newest {LIMIT}; narrow the query for others.</p>
              )}
            </>
          )
        }
      </Loaded>
    </>
  );
}

/** The time of a row. For a row of a trace, a link to its span there. */
function Moment({ row: { time_ns, trace_id, span_id } }: { row: NewestRow }) {
  const time = <Time at={Number(BigInt(time_ns) / 1_000_000n)} />;
  return trace_id === undefined ? time : <Link to={tracePlace(trace_id, span_id)}>{time}</Link>;
}

/** Fields that distinguish rows in every query. */
const ALWAYS = ['service.name', 'name', 'duration_ms'];
const MOST = 12;

/** The first columns: fields of every span, and fields that the query names or calculates. */
function defaultColumns(query: QuerySpecInput, fields: readonly FieldInfo[]): string[] {
  const calculated = (query.calculated_fields ?? []).map(({ name }) => name);
  // A cell has one value, so there are no fields of several spans.
  const single = (name: string) => {
    const related = fields.some((field) => field.name === name) ? undefined : relationOf(name);
    return related === undefined || SINGLE_RELATIONS.includes(related.relation);
  };
  const names = new Set([...ALWAYS, ...namedFields(query), ...calculated]);
  const unknown = unknownFields([...names], query, fields);
  return [...names].filter((name) => !unknown.includes(name) && single(name)).slice(0, MOST);
}
