import { median, withSpread } from '../../tools/statistics.ts';
import type { Runs } from '../lib/compare-peers.ts';
import type { Figures } from '../lib/in-turn/measure-in-turn.ts';
import { versionOf } from '../lib/peer-version.ts';
import { BASE, OURS, OURS_BASE, PEERS } from './variants.ts';

/** Lines that a request writes. */
export const LINES = 10;

/** One row per variant, over all starts. */
export function tableOf(runs: Runs): Record<string, string>[] {
  return [...(runs[0]?.keys() ?? [])].map((name) => {
    const all = (key: 'cpuPerRequest' | 'residentBytes') => runs.flatMap((run) => run.get(name)?.[key] ?? []);
    const arrived = median(runs.map((run) => run.get(name)?.itemsPerRequest ?? 0));
    return {
      lines: name,
      'CPU µs per request': withSpread(all('cpuPerRequest'), 1),
      'added µs per line':
        name === BASE
          ? '–'
          : withSpread(
              runs.flatMap((run) => addedOf(run, name)),
              2,
            ),
      'lines arrived per request': arrived.toFixed(2),
      'resident MB': withSpread(
        all('residentBytes').map((bytes) => bytes / 1e6),
        0,
      ),
    };
  });
}

/** The targets, each with the measured values: one value per start. */
export function ratiosOf(runs: Runs): Record<string, string>[] {
  const shares = runs.map((run) => {
    const cheaper = Math.min(...PEERS.map((name) => median(addedOf(run, name))));
    return median(addedOf(run, OURS)) / cheaper;
  });
  return [
    {
      claim: `added by ${OURS}, of what the cheaper peer adds`,
      reach: 'at most 0.5',
      measured: median(shares).toFixed(2),
      'each start': shares.map((share) => share.toFixed(2)).join(', '),
    },
  ];
}

export function versionsOf(): Record<string, string> {
  const packages = [
    'pino',
    'fastify',
    '@opentelemetry/instrumentation-pino',
    '@opentelemetry/sdk-logs',
    '@opentelemetry/exporter-logs-otlp-proto',
    'pino-opentelemetry-transport',
  ];
  return Object.fromEntries(packages.map((name) => [name, versionOf(import.meta.dirname, name)]));
}

/** CPU per line less the CPU without its export in the same round: within a round, the machine is equally fast for all. */
function addedOf(run: ReadonlyMap<string, Figures>, name: string): number[] {
  const base = run.get(name === OURS ? OURS_BASE : BASE)?.cpuPerRequest ?? [];
  return (run.get(name)?.cpuPerRequest ?? []).map(
    (cpu, round) => (cpu - (base[round] ?? Number.NaN)) / LINES,
  );
}
