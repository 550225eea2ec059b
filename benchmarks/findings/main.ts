import { findingsOf } from '../../packages/trace-explorer/src/core/traces/findings/rules.ts';
import { buildModel } from '../../packages/trace-explorer/src/core/traces/model/trace-model.ts';
import type { SpanRecord } from '../../packages/trace-explorer/src/core/traces/read/span-record.ts';
import { outlineTree } from '../../packages/trace-explorer/src/core/traces/tree/outline-tree.ts';
import { buildTree } from '../../packages/trace-explorer/src/core/traces/tree/tree.ts';
import { judgeFindings } from '../../packages/trace-explorer/test/core/traces/findings/labelled.ts';
import { client, server, span } from '../../packages/trace-explorer/test/core/traces/make-span.ts';
import { median } from '../../tools/statistics.ts';
import { recordMeasurements } from '../lib/measurements.ts';

const SPANS = 100_000;
const ROUNDS = 9;
const TRACES = 30_000;

/** Traces of so many spans: of every kind of call, all below one span, and each below the one before. */
const FORMS: Readonly<Record<string, () => SpanRecord[]>> = {
  mixed() {
    const spans = [server('root', '', 0, SPANS * 3)];
    for (let i = 0; spans.length < SPANS; i++) {
      const [error, name] = [i % 3 === 0, `GET /api/${i % 50}`];
      const above = i % 7 === 0 ? 'root' : `s${i - 1}`;
      spans.push(span(`s${i}`, above, i, i + 300, { error: i % 11 === 0 }));
      spans.push(client(`c${i}`, `s${i}`, i, i + 2, { name, error, call: i % 9 }));
      if (i % 2 === 0) spans.push(server(`v${i}`, `c${i}`, i, i + 80, { name, service: 'users', error }));
    }
    return spans.slice(0, SPANS);
  },
  wide: () =>
    Array.from({ length: SPANS }, (_, i) =>
      client(`c${i}`, i === 0 ? '' : 'c0', i, i + 0.5, { name: `SELECT ${i % 5000}`, error: i % 2 === 0 }),
    ),
  deep: () =>
    Array.from({ length: SPANS }, (_, i) =>
      client(`d${i}`, i === 0 ? '' : `d${i - 1}`, 0, 1e9, { error: i % 2 === 0, service: `s${i % 3}` }),
    ),
};

/** Measures how long the rules take for large traces, and how often they are right where a person has said what is wrong. */
export default async function measureFindings(): Promise<void> {
  const times = Object.entries(FORMS).map(([form, make]) => {
    const outline = outlineTree(form, buildTree(make()));
    const taken = Array.from({ length: ROUNDS }, () => {
      const model = buildModel(outline); // what is worked out of a model is kept with it
      const start = performance.now();
      findingsOf(model);
      return performance.now() - start;
    });
    return { form, 'first ms': Math.round(taken[0] ?? 0), 'median ms': Math.round(median(taken)) };
  });
  const labelled = [{ traces: TRACES, ...judgeFindings(TRACES) }];
  console.table(times);
  console.table(labelled);
  recordMeasurements({
    name: 'findings',
    title: 'Findings: time for large traces, and precision',
    command: 'node tandem bench findings',
    tables: [times, labelled],
    notes: [
      `${SPANS} spans, ${ROUNDS} times in one process; the first time its code is new to V8.`,
      'The labelled traces are made in the shape of the OpenTelemetry demo, ten services with the faults of its flags; the label is what the flag and the size of the cart say.',
    ],
  });
}
