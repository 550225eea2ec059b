import { median, withSpread } from '../../tools/statistics.ts';
import type { Runs } from '../lib/compare-peers.ts';
import type { Figures } from '../lib/in-turn/measure-in-turn.ts';
import { versionOf } from '../lib/peer-version.ts';
import type { Variant } from './variants.ts';
import {
  BASE,
  FASTIFY_OTEL,
  OURS,
  OURS_AGAIN,
  OURS_CHANNELS,
  OURS_LEAN,
  OURS_RUN,
  OURS_UNWATCHED,
  PLAIN,
  SWAP,
  TEXTBOOK,
} from './variants.ts';

/** One row per variant, over all starts. */
export function tableOf(runs: Runs): Record<string, string>[] {
  const names = [...new Set(runs.flatMap((run) => [...run.keys()]))];
  return names.map((name) => {
    const all = <K extends keyof Figures>(key: K) => runs.flatMap((run) => run.get(name)?.[key] ?? []);
    const base = median(runs.flatMap((run) => run.get(BASE)?.cpuPerRequest ?? []));
    return {
      tracer: name,
      'CPU µs per request': withSpread(all('cpuPerRequest'), 1),
      'added µs':
        name === BASE
          ? '–'
          : withSpread(
              runs.flatMap((run) => addedOf(run, name)),
              1,
            ),
      ratio: (median(all('cpuPerRequest')) / base).toFixed(2),
      'spans per request': median(all('itemsPerRequest')).toFixed(2),
      'p99 ms, full load': withSpread(all('fullLoadP99'), 1),
      'resident MB': withSpread(
        all('residentBytes').map((bytes) => bytes / 1e6),
        0,
      ),
      'peak MB': withSpread(
        all('peakBytes').map((bytes) => bytes / 1e6),
        0,
      ),
    };
  });
}

/** The targets, each with the measured values: one value per start. */
export function ratiosOf(runs: Runs): Record<string, string>[] {
  const added = (run: ReadonlyMap<string, Figures>, name: string) => median(addedOf(run, name));
  const of = (key: 'fullLoadP99' | 'peakBytes') => (run: ReadonlyMap<string, Figures>, name: string) =>
    median(run.get(name)?.[key] ?? []);
  const claims = [
    ['processor time added', OURS, PLAIN, 1, added],
    ['processor time added', OURS_AGAIN, OURS, undefined, added],
    ['processor time added', OURS, FASTIFY_OTEL, undefined, added],
    ['processor time added', OURS, TEXTBOOK, undefined, added],
    ['processor time added', OURS_LEAN, PLAIN, 0.6, added],
    ['processor time added', OURS_RUN, PLAIN, 1.2, added],
    ['processor time added', OURS, OURS_RUN, undefined, added],
    ['processor time added', OURS, OURS_UNWATCHED, 1.11, added],
    ['processor time added', OURS_CHANNELS, OURS, undefined, added],
    ['p99 at full load', OURS, PLAIN, 1.4, of('fullLoadP99')],
    ['peak memory', OURS, PLAIN, 1.15, of('peakBytes')],
  ] as const;
  const swaps = [...new Set(runs.flatMap((run) => [...run.keys()]))]
    .filter((name) => name.startsWith(SWAP))
    .map((name) => ['processor time added', name, PLAIN, undefined, added] as const);
  const rows = [...claims, ...swaps].map(([what, ours, other, most, figure]) => ({
    claim: `${what}: ${ours}, of ${other}`,
    reach: most === undefined ? '–' : `at most ${most}`,
    values: runs
      .filter((run) => run.has(ours) && run.has(other))
      .map((run) => figure(run, ours) / figure(run, other)),
  }));
  return rows
    .filter(({ values }) => values.length > 0)
    .map(({ claim, reach, values }) => ({
      claim,
      reach,
      measured: withSpread(values, 2),
      'each start': values.map((value) => value.toFixed(2)).join(', '),
    }));
}

export function versionsOf(variants: readonly Variant[]): Record<string, string> {
  const paths = variants.flatMap(({ versionOf: path }) => (path === undefined ? [] : [path]));
  return Object.fromEntries(
    ['fastify', 'undici', '@opentelemetry/instrumentation-undici', ...paths].map((path) => [
      path,
      versionOf(import.meta.dirname, path),
    ]),
  );
}

/** CPU per request over the median of the untraced pair, slice by slice. */
function addedOf(run: ReadonlyMap<string, Figures>, name: string): number[] {
  const base = median(run.get(BASE)?.cpuPerRequest ?? []);
  return (run.get(name)?.cpuPerRequest ?? []).map((cpu) => cpu - base);
}
