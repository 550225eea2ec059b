import type { DuckDBConnection } from '@duckdb/node-api';
import { usedBytes } from './database.ts';
import { countItems } from './eviction.ts';
import { isLogs } from './export-request.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import type { Written } from './written-batch.ts';

/** How much the store holds, kept in memory: counting it in the file takes 20 ms per million rows. */
export class Extent {
  rows = 0;
  spans = 0;
  logs = 0;
  /** Milliseconds since the epoch of the oldest row's arrival; undefined when there is none. */
  oldest: number | undefined;
  /** Of the database's file, as of the last measurement. */
  fileBytes = 0;

  /** Counts rows and bytes again, after a start or an eviction. */
  async measure(connection: DuckDBConnection, catalogue: FieldCatalogue): Promise<void> {
    const result = await connection.runAndReadAll(
      `SELECT count(*), ${countItems(catalogue)}, min(_received) // 1000000 FROM spans`,
    );
    const [rows, spans, logs, oldest] = result.getRows()[0] ?? [];
    this.rows = Number(rows);
    this.spans = Number(spans);
    this.logs = Number(logs);
    this.oldest = oldest === null ? undefined : Number(oldest);
    await this.measureBytes(connection);
  }

  async measureBytes(connection: DuckDBConnection): Promise<void> {
    this.fileBytes = await usedBytes(connection);
  }

  /** Adds what was just written. */
  add({ rows, requests, now }: Written): void {
    this.rows += rows.rowCount;
    for (const request of requests) {
      if (isLogs(request)) this.logs += request.recordCount;
      else this.spans += request.spanCount;
    }
    this.oldest ??= now;
  }
}
