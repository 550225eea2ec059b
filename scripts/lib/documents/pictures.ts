import type { BarGroup } from './bars.ts';
import { figure } from './results.ts';

const BACKENDS = ['trace explorer, on disk', 'Jaeger, in memory', 'Jaeger, on disk (Badger)'];

/** The pictures of docs/images that are drawn from benchmarks/results, by the beginning of their files' names. */
export const PICTURES: Readonly<Record<string, () => readonly BarGroup[]>> = {
  ingest: () => [
    backends('Spans taken per second (more is better)', 'spans/s', (value) => value.toLocaleString('en')),
    backends('Highest memory, MB (less is better)', 'peak resident MB', (value) => `${value} MB`),
  ],
};

function backends(title: string, column: string, show: (value: number) => string): BarGroup {
  const bars = BACKENDS.map((name) => {
    const value = figure('peers', name, column);
    return { name, value, text: show(value), isOurs: name.startsWith('trace explorer') };
  });
  return { title, bars };
}
