import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpLoad } from '../lib/http-load.ts';
import { quantile } from '../lib/statistics.ts';
import type { ServicePair } from './service-pair.ts';
import { startServicePair } from './service-pair.ts';
import { startSink } from './start-sink.ts';
import type { Variant } from './variants.ts';

/** How much is measured, each time the processes are started. */
export interface Plan {
  readonly warmUpRequests: number;
  /** Slices of each variant. */
  readonly rounds: number;
  readonly requestsPerSlice: number;
  readonly latencyRounds: number;
  readonly latencyRequests: number;
  /** Requests per second while latency is measured. */
  readonly rate: number;
}

/** What one start of a variant gave; one value per slice. */
export interface Figures {
  readonly cpuPerRequest: number[];
  readonly residentBytes: number[];
  /** Milliseconds at the fixed rate. */
  readonly p50: number[];
  readonly p99: number[];
  spansPerRequest: number;
}

const PARALLEL = 16;

/** The longest that tracers wait before they send what they have, with some more for the sending. */
const LAST_EXPORT_MS = 6_500;

/**
 * Starts all variants side by side, warms them up, and measures them in turn; the figures are by variant.
 */
export async function measureOnce(
  variants: readonly Variant[],
  plan: Plan,
  say: (progress: string) => void,
): Promise<Map<string, Figures>> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-overhead-'));
  const protocols = Object.fromEntries(
    variants.flatMap(({ name, protocol }) => (protocol === undefined ? [] : [[name, protocol]])),
  );
  const sink = await startSink(protocols, directory);
  const running: Running[] = [];
  try {
    for (const [index, variant] of variants.entries()) {
      const paths = { data: join(directory, String(index)), certificate: sink.certificate };
      const pair = await startServicePair((serviceName) =>
        variant.launch(serviceName, sink.ports[variant.name] ?? 0, paths),
      );
      running.push(new Running(variant.name, pair));
    }
    for (const each of running) {
      say(`warming up ${each.name}`);
      await each.slice(plan.warmUpRequests);
    }
    await sleep(LAST_EXPORT_MS);
    const countsBefore = await sink.counts();
    for (let round = 0; round < plan.rounds; round++) {
      say(`round ${round + 1} of ${plan.rounds}`);
      for (const each of shuffled(running)) await each.measuredSlice(plan.requestsPerSlice);
    }
    await sleep(LAST_EXPORT_MS);
    const countsAfter = await sink.counts();
    for (const each of running) {
      await each.finish(plan.requestsPerSlice);
      const spans = (countsAfter[each.name] ?? 0) - (countsBefore[each.name] ?? 0);
      each.figures.spansPerRequest = spans / (plan.rounds * plan.requestsPerSlice);
    }
    for (let round = 0; round < plan.latencyRounds; round++) {
      say(`latency, round ${round + 1} of ${plan.latencyRounds}`);
      for (const each of running) await each.latencySlice(plan.latencyRequests, plan.rate);
    }
    return new Map(running.map(({ name, figures }) => [name, figures]));
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    sink.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

class Running {
  readonly name: string;
  readonly figures: Figures = {
    cpuPerRequest: [],
    residentBytes: [],
    p50: [],
    p99: [],
    spansPerRequest: Number.NaN,
  };
  readonly #pair: ServicePair;
  readonly #load: HttpLoad;
  #cpuBefore: number | undefined;

  constructor(name: string, pair: ServicePair) {
    this.name = name;
    this.#pair = pair;
    this.#load = new HttpLoad(pair.port);
  }

  async slice(requests: number): Promise<void> {
    const { failed } = await this.#load.closedLoop(requests, PARALLEL, pathOf);
    if (failed > 0) throw new Error(`${failed} of ${requests} requests to ${this.name} failed.`);
  }

  /**
   * What a slice costs is known only at the start of the next one: exports, timers and garbage collection in between,
   * while others are measured, belong to it.
   */
  async measuredSlice(requests: number): Promise<void> {
    await this.finish(requests);
    await this.slice(requests);
  }

  /** Takes down what the last slice has cost. */
  async finish(requests: number): Promise<void> {
    const { cpuMicroseconds, residentBytes } = await this.#pair.usage();
    if (this.#cpuBefore !== undefined) {
      this.figures.cpuPerRequest.push((cpuMicroseconds - this.#cpuBefore) / requests);
      this.figures.residentBytes.push(residentBytes);
    }
    this.#cpuBefore = cpuMicroseconds;
  }

  async latencySlice(requests: number, rate: number): Promise<void> {
    const { latencies, failed } = await this.#load.fixedRate(requests, rate, pathOf);
    if (failed > 0) throw new Error(`${failed} of ${requests} requests to ${this.name} failed.`);
    this.figures.p50.push(quantile(latencies, 0.5));
    this.figures.p99.push(quantile(latencies, 0.99));
  }

  async stop(): Promise<void> {
    this.#load.close();
    await this.#pair.stop();
  }
}

/** Distinct requests, as real ones are: what is cached by value must not win. */
function pathOf(index: number): string {
  return `/activities/user-${index % 5000}?limit=20`;
}

function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(Math.floor(Math.random() * rest.length), 1)[0] as T);
}
