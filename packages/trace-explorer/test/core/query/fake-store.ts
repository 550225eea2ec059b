import type { SpanStore } from '../../../src/core/store/store.ts';
import type { TestSource } from './run/duckdb-source.ts';

/** The part of a store that queries use, over a test's rows; each of the datasets has every field. */
export function fakeStore(source: TestSource, datasets: readonly string[]): SpanStore {
  const at = Date.UTC(2026, 10, 20);
  const part: Pick<
    SpanStore,
    'fields' | 'sampleRate' | 'read' | 'stats' | 'datasets' | 'datasetFields' | 'onChange'
  > = {
    onChange: () => () => {}, // nothing does
    fields: () => source.fields() as ReturnType<SpanStore['fields']>,
    sampleRate: () => source.sampleRate(),
    read: (...args) => source.read(...args),
    stats: () => source.stats() as ReturnType<SpanStore['stats']>,
    datasets: async () => datasets.map((name) => ({ name, rows: 1, lastWritten: at, created: at })),
    datasetFields: () => new Map([...source.fields().keys()].map((name) => [name, at])),
  };
  return part as SpanStore;
}
