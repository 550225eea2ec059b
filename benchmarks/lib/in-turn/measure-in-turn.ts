import { setTimeout as sleep } from 'node:timers/promises';
import { HttpLoad } from '../http-load.ts';
import type { MeasuredService } from '../measured-service.ts';
import { quantile } from '../statistics.ts';
import { peakResident, usageOf } from '../thread-times.ts';

/** How much is measured, each time the processes are started. */
export interface Plan {
  readonly warmUpRequests: number;
  /** Slices of each variant. One slice before is left out. */
  readonly rounds: number;
  readonly requestsPerSlice: number;
  readonly latencyRounds: number;
  readonly latencyRequests: number;
  /** Requests per second while latency is measured. */
  readonly rate: number;
}

/** The figures of one start of a variant: one value per slice. */
export interface Figures {
  readonly cpuPerRequest: number[];
  readonly residentBytes: number[];
  /** Milliseconds at full load. */
  readonly fullLoadP99: number[];
  /** The most memory since the start. One value per start. */
  readonly peakBytes: number[];
  /** Milliseconds at the fixed rate. */
  readonly p50: number[];
  readonly p99: number[];
  /** Spans, or log records, that arrived. */
  itemsPerRequest: number;
}

/** The input of a measurement in turns. */
export interface Turns {
  readonly services: ReadonlyMap<string, MeasuredService>;
  readonly plan: Plan;
  /** Distinct requests, as in reality: a cache by value must not win. */
  readonly pathOf: (index: number) => string;
  /** Items that arrived so far, by variant. */
  readonly arrived: () => Promise<Readonly<Record<string, number>>>;
  readonly say: (progress: string) => void;
}

const PARALLEL = 16;

/** The longest that tracers wait before they send what they have, with some more for the sending. */
const LAST_EXPORT_MS = 6_500;

/** Warms up services that run side by side, and measures them in turn; the figures are by variant. */
export async function measureInTurn({
  services,
  plan,
  pathOf,
  arrived,
  say,
}: Turns): Promise<Map<string, Figures>> {
  const running = [...services].map(([name, service]) => new Running(name, service, pathOf));
  try {
    // In turns too: the first of 18 pairs, warmed up at once, was dearer for many slices by 20 to 40 µs per request.
    for (const part of [1, 2, 3, 4, 5]) {
      say(`warm-up ${part} of 5`);
      for (const each of shuffled(running)) await each.slice(plan.warmUpRequests / 5);
    }
    await sleep(LAST_EXPORT_MS);
    for (const each of shuffled(running)) await each.slice(plan.requestsPerSlice);
    await sleep(LAST_EXPORT_MS);
    const countsBefore = await arrived();
    for (let round = 0; round < plan.rounds; round++) {
      say(`round ${round + 1} of ${plan.rounds}`);
      for (const each of shuffled(running)) await each.measuredSlice(plan.requestsPerSlice);
    }
    await sleep(LAST_EXPORT_MS);
    const countsAfter = await arrived();
    for (const each of running) {
      each.finish(plan.requestsPerSlice);
      each.figures.peakBytes.push(each.peakBytes);
      const items = (countsAfter[each.name] ?? 0) - (countsBefore[each.name] ?? 0);
      each.figures.itemsPerRequest = items / (plan.rounds * plan.requestsPerSlice);
    }
    for (let round = 0; round < plan.latencyRounds; round++) {
      say(`latency, round ${round + 1} of ${plan.latencyRounds}`);
      for (const each of running) await each.latencySlice(plan.latencyRequests, plan.rate);
    }
    return new Map(running.map(({ name, figures }) => [name, figures]));
  } finally {
    for (const each of running) each.close();
  }
}

class Running {
  readonly name: string;
  readonly figures: Figures = {
    cpuPerRequest: [],
    residentBytes: [],
    fullLoadP99: [],
    peakBytes: [],
    p50: [],
    p99: [],
    itemsPerRequest: Number.NaN,
  };
  readonly #service: MeasuredService;
  readonly #pathOf: (index: number) => string;
  readonly #load: HttpLoad;
  #cpuBeforeMs: number | undefined;

  constructor(name: string, service: MeasuredService, pathOf: (index: number) => string) {
    this.name = name;
    this.#service = service;
    this.#pathOf = pathOf;
    this.#load = new HttpLoad(service.port);
  }

  /** Returns the latencies. */
  async slice(requests: number): Promise<readonly number[]> {
    const { failed, latencies } = await this.#load.closedLoop(requests, PARALLEL, this.#pathOf);
    if (failed > 0) throw new Error(`${failed} of ${requests} requests to ${this.name} failed.`);
    return latencies;
  }

  /**
   * The cost of a slice is known only at the start of the next slice: exports, timers and garbage collection in between,
   * while others are measured, belong to it.
   */
  async measuredSlice(requests: number): Promise<void> {
    this.finish(requests);
    this.figures.fullLoadP99.push(quantile(await this.slice(requests), 0.99));
  }

  /** Takes down what the last slice has cost. */
  finish(requests: number): void {
    const { cpuMs, residentBytes } = usageOf(this.#service.pids);
    if (this.#cpuBeforeMs !== undefined) {
      this.figures.cpuPerRequest.push(((cpuMs - this.#cpuBeforeMs) * 1000) / requests);
      this.figures.residentBytes.push(residentBytes);
    }
    this.#cpuBeforeMs = cpuMs;
  }

  get peakBytes(): number {
    return peakResident(this.#service.pids);
  }

  async latencySlice(requests: number, rate: number): Promise<void> {
    const { latencies, failed } = await this.#load.fixedRate(requests, rate, this.#pathOf);
    if (failed > 0) throw new Error(`${failed} of ${requests} requests to ${this.name} failed.`);
    this.figures.p50.push(quantile(latencies, 0.5));
    this.figures.p99.push(quantile(latencies, 0.99));
  }

  close(): void {
    this.#load.close();
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(Math.floor(Math.random() * rest.length), 1)[0] as T);
}
