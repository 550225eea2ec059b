import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';

/** Spans with a parent whose span is nowhere in the store, of any service and time. */
export const spa002: Rule = {
  name: 'SPA-002',
  impact: 'Normal',
  async find({ columns, within, read }) {
    const id = (span: string) => `hash(${columns.traceId}, ${span})`;
    const rows = await read(
      `SELECT ${columns.service}, count(*), max(_seq) FROM spans
      WHERE ${within} AND ${columns.isSpan} AND ${columns.parentId} IS NOT NULL
        AND ${id(columns.parentId)} NOT IN (SELECT ${id(columns.spanId)} FROM spans WHERE ${columns.isSpan})
      GROUP BY 1 ORDER BY 1`,
    );
    return rows.map(([service, count, example]) => ({
      service: String(service),
      sentence: `${counted(Number(count), 'span')} whose parent did not arrive`,
      mend: {
        node: 'The caller sends its spans too: NODE_OPTIONS="--import @opentelemetry/auto-instrumentations-node/register"; at the end of the process await sdk.shutdown()',
        others:
          'The caller’s OTEL_EXPORTER_OTLP_ENDPOINT is this explorer too, and both have the same OTEL_TRACES_SAMPLER=parentbased_…',
      },
      count: Number(count),
      example: Number(example),
    }));
  },
};
