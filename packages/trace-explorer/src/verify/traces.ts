import type { Reading } from './reading.ts';

/** The traces of each service with more than `most` spans that fulfil a condition, counted. */
export async function crowdedTraces(
  { columns, within, read }: Reading,
  condition: string,
  limit: number,
): Promise<{ service: string; count: number; most: number; example: number }[]> {
  const rows = await read(
    `SELECT service, count(*), max(spans), arg_max(example, spans) FROM (
      SELECT ${columns.service} AS service, hash(${columns.traceId}) AS trace, count(*) AS spans, max(_seq) AS example
      FROM spans WHERE ${within} AND ${columns.isSpan} AND ${condition} GROUP BY 1, 2 HAVING count(*) > ${limit}
    ) GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(([service, count, most, example]) => ({
    service: String(service),
    count: Number(count),
    most: Number(most),
    example: Number(example),
  }));
}
