import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LoadResult } from './http-load.ts';

/** A task for the thread: a method of HttpLoad and its arguments. */
export type LoadOrder =
  | { readonly kind: 'closed loop'; readonly count: number; readonly parallel: number }
  | {
      readonly kind: 'fixed rate';
      readonly count: number;
      readonly rate: number;
      readonly connections: number;
    };

/** The port and path that the thread sends requests to. */
export interface LoadTarget {
  readonly port: number;
  readonly path: string;
}

/**
 * Requests for one path, as HttpLoad sends them, from a thread of its own: what else this process does, such as taking
 * spans, delays neither the sending nor the reading.
 */
export class LoadThread {
  readonly #worker: Worker;

  constructor(target: LoadTarget) {
    this.#worker = new Worker(new URL('./load-thread-worker.ts', import.meta.url), { workerData: target });
  }

  /** Sends `count` requests, `parallel` at a time, each as soon as the one before is answered. */
  closedLoop(count: number, parallel: number): Promise<LoadResult> {
    return this.#order({ kind: 'closed loop', count, parallel });
  }

  /**
   * Sends `count` requests at a fixed rate (per second), whether or not earlier requests are answered.
   * @param connections that are used in turn; as few as it takes when left out
   */
  fixedRate(count: number, rate: number, connections = 0): Promise<LoadResult> {
    return this.#order({ kind: 'fixed rate', count, rate, connections });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Whatever ends the thread before it has a result is an error. */
  async #order(order: LoadOrder): Promise<LoadResult> {
    this.#worker.postMessage(order);
    const [result] = await once(this.#worker, 'message');
    return result;
  }
}
