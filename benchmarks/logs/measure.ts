import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figures, Plan } from '../lib/measure-in-turn.ts';
import { measureInTurn } from '../lib/measure-in-turn.ts';
import type { MeasuredService } from '../lib/measured-service.ts';
import { startMeasured } from '../lib/measured-service.ts';
import { startSink } from '../overhead/start-sink.ts';
import type { Variant } from './variants.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./service.ts'));

/** Starts all variants side by side, warms them up, and measures them in turn; the figures are by variant. */
export async function measureOnce(
  variants: readonly Variant[],
  plan: Plan,
  say: (progress: string) => void,
): Promise<Map<string, Figures>> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-logs-'));
  const exporting = variants.filter(({ isExporting }) => isExporting);
  const sink = await startSink(Object.fromEntries(exporting.map(({ name }) => [name, 'otlp-logs'])));
  const services = new Map<string, MeasuredService>();
  try {
    for (const [index, { name, launch }] of variants.entries()) {
      const started = launch(sink.ports[name] ?? 0, join(directory, String(index)));
      services.set(name, await startMeasured(started, { path: SERVICE, output: 'nowhere' }));
    }
    return await measureInTurn({ services, plan, pathOf, arrived: sink.counts, say });
  } finally {
    await Promise.all([...services.values()].map((service) => service.stop()));
    sink.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function pathOf(index: number): string {
  return `/activities/user-${index % 5000}`;
}
