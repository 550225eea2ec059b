import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from '../../../tools/statistics.ts';
import { HttpLoad } from '../http-load.ts';
import type { MeasuredService } from '../measured-service.ts';
import { peakResident, usageOf } from '../thread-times.ts';

/** How much is measured, each time the processes are started. */
export interface Plan {
  readonly warmUpRequests: number;
  /** Slices of each variant. One slice before is left out. */
  readonly rounds: number;
  readonly requestsPerSlice: number;
}

/** The figures of one start of a variant: one value per slice. */
export interface Figures {
  /** Microseconds, as if the machine had been as fast in all slices. */
  readonly cpuPerRequest: number[];
  /** What the load generator took meanwhile for each of its own requests, in microseconds. */
  readonly loadPerRequest: number[];
  readonly residentBytes: number[];
  /** Milliseconds at full load. */
  readonly fullLoadP99: number[];
  /** The most memory since the start. One value per start. */
  readonly peakBytes: number[];
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
      if (round % 10 === 0) say(`round ${round + 1} of ${plan.rounds}`);
      for (const each of shuffled(running)) await each.measuredSlice(plan.requestsPerSlice);
    }
    await sleep(LAST_EXPORT_MS);
    const countsAfter = await arrived();
    for (const each of running) {
      each.finish(plan.requestsPerSlice);
      each.toOneSpeed();
      each.figures.peakBytes.push(each.peakBytes);
      const items = (countsAfter[each.name] ?? 0) - (countsBefore[each.name] ?? 0);
      each.figures.itemsPerRequest = items / (plan.rounds * plan.requestsPerSlice);
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
    loadPerRequest: [],
    residentBytes: [],
    fullLoadP99: [],
    peakBytes: [],
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
    const before = process.cpuUsage();
    this.figures.fullLoadP99.push(quantile(await this.slice(requests), 0.99));
    const { user, system } = process.cpuUsage(before);
    this.figures.loadPerRequest.push((user + system) / requests);
  }

  /**
   * A machine that others use is not as fast in each slice. The load generator does the same work in each slice of a service,
   * so what it took there says how fast the machine was, and the service's cost is put beside it.
   */
  toOneSpeed(): void {
    const { cpuPerRequest, loadPerRequest } = this.figures;
    const usual = median(loadPerRequest);
    for (const [slice, load] of loadPerRequest.entries())
      cpuPerRequest[slice] = ((cpuPerRequest[slice] ?? Number.NaN) * usual) / load;
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

  close(): void {
    this.#load.close();
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(Math.floor(Math.random() * rest.length), 1)[0] as T);
}
