import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures, Plan } from '../lib/measure-in-turn.ts';
import { measureInTurn } from '../lib/measure-in-turn.ts';
import type { MeasuredService } from '../lib/measured-service.ts';
import { startServicePair } from './service-pair.ts';
import { startSink } from './start-sink.ts';
import type { Variant } from './variants.ts';

/** Starts all variants side by side, warms them up, and measures them in turn; the figures are by variant. */
export async function measureOnce(
  variants: readonly Variant[],
  plan: Plan,
  say: (progress: string) => void,
): Promise<Map<string, Figures>> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-overhead-'));
  const started = await startVariants(variants, directory);
  try {
    const { services, arrived } = started;
    return await measureInTurn({ services, plan, pathOf, arrived, say });
  } finally {
    await started.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The pairs of all variants, and the sink that takes their spans. */
export interface StartedVariants {
  readonly services: ReadonlyMap<string, MeasuredService>;
  /** Spans that arrived so far, by variant. */
  readonly arrived: () => Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** @param directory for what tracers write; the caller removes it */
export async function startVariants(
  variants: readonly Variant[],
  directory: string,
): Promise<StartedVariants> {
  const protocols = Object.fromEntries(
    variants.flatMap(({ name, protocol }) => (protocol === undefined ? [] : [[name, protocol]])),
  );
  const sink = await startSink(protocols);
  const services = new Map<string, MeasuredService>();
  const stop = async () => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    sink.stop();
  };
  try {
    for (const [index, variant] of variants.entries()) {
      const data = join(directory, String(index));
      const pair = await startServicePair((serviceName) =>
        variant.launch(serviceName, sink.ports[variant.name] ?? 0, data),
      );
      services.set(variant.name, pair);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { services, arrived: sink.counts, stop };
}

/** Distinct requests, as real ones are. */
export function pathOf(index: number): string {
  return `/activities/user-${index % 5000}?limit=20`;
}
