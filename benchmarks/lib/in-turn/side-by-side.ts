import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeasuredService } from '../measured-service.ts';
import type { Figures, Plan } from './measure-in-turn.ts';
import { measureInTurn } from './measure-in-turn.ts';
import type { Protocol } from './sink.ts';
import { startSink } from './start-sink.ts';

/** A service, or a pair of services, that is measured beside others. */
export interface Startable {
  readonly name: string;
  /** The protocol of what it sends; none when it sends nothing. */
  readonly protocol?: Protocol;
  /** Starts it. What it sends goes to this port of loopback, what it writes to the directory. */
  start(sinkPort: number, directory: string): Promise<MeasuredService>;
}

/** Running services by name, and the sink that takes what they send. */
interface Started {
  readonly services: ReadonlyMap<string, MeasuredService>;
  /** Spans or log records that arrived so far, by name. */
  readonly arrived: () => Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** Starts services side by side. */
export async function startSideBySide(variants: readonly Startable[]): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const protocols = variants.flatMap(({ name, protocol }) => (protocol ? [[name, protocol] as const] : []));
  const sink = await startSink(Object.fromEntries(protocols));
  const services = new Map<string, MeasuredService>();
  const stop = async () => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    sink.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for (const [index, { name, start }] of variants.entries())
      services.set(name, await start(sink.ports[name] ?? 0, join(directory, String(index))));
  } catch (error) {
    await stop();
    throw error;
  }
  return { services, arrived: sink.counts, stop };
}

/** Starts services side by side, warms them up, and measures them in turn; the figures are by name. */
export async function measureSideBySide(
  variants: readonly Startable[],
  plan: Plan,
  pathOf: (index: number) => string,
  say: (progress: string) => void,
): Promise<Map<string, Figures>> {
  const { services, arrived, stop } = await startSideBySide(variants);
  try {
    return await measureInTurn({ services, plan, pathOf, arrived, say });
  } finally {
    await stop();
  }
}
