import type { BarGroup } from './bars.ts';
import { cell } from './results.ts';

const TRACERS = [
  '@tandem/telemetry',
  '@tandem/telemetry, lean engine',
  'plain plugin + instrumentation-undici',
  '@fastify/otel + instrumentation-undici',
  'textbook auto-instrumentation',
];
const BACKENDS = ['trace explorer, on disk', 'Jaeger, in memory', 'Jaeger, on disk (Badger)'];

/** The pictures of docs/images that are drawn from benchmarks/results, by the beginning of their files' names. */
export const PICTURES: Readonly<Record<string, () => readonly BarGroup[]>> = {
  overhead: () => [
    group('µs of processor time added to a request (less is better)', 'overhead', TRACERS, 'added µs'),
    group('Memory, MB (less is better)', 'overhead', ['untraced', ...TRACERS], 'resident MB'),
  ],
  ingest: () => [
    group('Spans taken per second (more is better)', 'peers', BACKENDS, 'spans/s'),
    group('Highest memory, MB (less is better)', 'peers', BACKENDS, 'peak resident MB'),
  ],
};

function group(title: string, result: string, rows: readonly string[], column: string): BarGroup {
  const bars = rows.map((name) => {
    const text = cell(result, name, column);
    const rounded = text.replaceAll(/[\d.]+/g, (each) => Math.round(Number(each)).toLocaleString('en'));
    return { name, value: Number.parseFloat(text), text: rounded, isOurs: /^(@tandem|trace)/.test(name) };
  });
  return { title, bars };
}
