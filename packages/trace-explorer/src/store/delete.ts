import type { DuckDBConnection } from '@duckdb/node-api';
import { saveLastWritten } from './catalogue-table.ts';
import type { Checkpointer } from './checkpointer.ts';
import { INTERNAL_COLUMNS } from './chunk-filler.ts';
import { compressionOf } from './compression.ts';
import { limitMemory } from './database.ts';
import { countItems } from './eviction.ts';
import { FieldCatalogue, SQL_TYPES } from './field-catalogue.ts';
import { PARTS_TABLES } from './parts-schema.ts';
import { deleteOrphans } from './parts-table.ts';
import { recordFields } from './schema.ts';
import type { StoreState } from './state.ts';
import { inTransaction } from './transaction.ts';
import type { Deleted, Deletion } from './types.ts';
import type { Writer } from './writer.ts';

export interface DeleteOptions {
  readonly state: StoreState;
  readonly writer: Pick<Writer, 'rebuilding'>;
  readonly checkpointer: Checkpointer;
}

/**
 * Deletes what a person asked for, between two transactions of the writer: in one transaction of its own, so that a
 * process which is killed has deleted all of it or nothing. The space is given back by a checkpoint.
 * @throws DuckDB's error; nothing is deleted then
 */
export function deleteSpans(
  which: Deletion,
  { state, writer, checkpointer }: DeleteOptions,
): Promise<Deleted> {
  return writer.rebuilding(async (connection) => {
    const trace = state.catalogue.fields.get('trace.trace_id')?.sql;
    if (trace === undefined) return { traces: 0, spans: 0, logs: 0 };
    await checkpointer.idle();
    // What is in memory goes to the file first. Where it has no room there, nothing is deleted: a restart would bring it back.
    if (!('all' in which)) await checkpointer.run();
    const deleted = await ('all' in which
      ? deleteAll(connection, trace, state)
      : deleteTraces(connection, trace, state.catalogue, which));
    state.scopes.forget();
    await checkpointer.idle();
    await checkpointer.run();
    await state.extent.measure(connection, state.catalogue);
    await state.datasets.load(connection);
    state.catalogue.forgetDatasets((name) => state.datasets.has(name));
    await saveLastWritten(connection, state.catalogue);
    return deleted;
  });
}

async function deleteTraces(
  connection: DuckDBConnection,
  trace: string,
  catalogue: FieldCatalogue,
  which: Exclude<Deletion, { all: true }>,
): Promise<Deleted> {
  const [where, value] =
    'traceId' in which
      ? [`${trace} = $1`, which.traceId]
      : [
          `(${trace} IN (SELECT ${trace} FROM spans GROUP BY 1 HAVING max(_time) < $1) OR (${trace} IS NULL AND _time < $1))`,
          which.before,
        ];
  const deleted = await count(connection, trace, catalogue, `WHERE ${where}`, [value]);
  if (deleted.traces === 0 && deleted.logs === 0) return deleted;
  await inTransaction(connection, async () => {
    await connection.run(`DELETE FROM spans WHERE ${where}`, [value]);
    await connection.run('DELETE FROM scopes WHERE id NOT IN (SELECT DISTINCT _scope FROM spans)');
    await deleteOrphans(connection);
  });
  return deleted;
}

/** Makes the tables anew: columns of fields that no span has any more cost memory with every commit. */
async function deleteAll(connection: DuckDBConnection, trace: string, state: StoreState): Promise<Deleted> {
  const { catalogue, memoryMb } = state;
  const deleted = await count(connection, trace, catalogue, '', []);
  const core = new FieldCatalogue(0, 0).missingCoreFields(Date.now()).map(({ field }) => field);
  const columns = core.map(
    ({ name, column, type }) => `"${column}" ${SQL_TYPES[type]}${compressionOf(name)}`,
  );
  await inTransaction(connection, async () => {
    await connection.run(`CREATE OR REPLACE TABLE spans (${[...INTERNAL_COLUMNS, ...columns].join(', ')})`);
    for (const table of ['fields', 'dataset_fields', 'scopes', ...PARTS_TABLES]) {
      await connection.run(`DELETE FROM ${table}`);
    }
    await recordFields(connection, core);
  });
  catalogue.reset(core);
  await limitMemory(connection, memoryMb, core.length);
  return deleted;
}

async function count(
  connection: DuckDBConnection,
  trace: string,
  catalogue: FieldCatalogue,
  where: string,
  values: (string | bigint)[],
): Promise<Deleted> {
  const counted = await connection.runAndReadAll(
    `SELECT count(DISTINCT ${trace}), ${countItems(catalogue)} FROM spans ${where}`,
    values,
  );
  const [traces, spans, logs] = counted.getRows()[0] ?? [];
  return { traces: Number(traces), spans: Number(spans), logs: Number(logs) };
}
