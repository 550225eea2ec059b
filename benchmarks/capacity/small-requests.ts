import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Small requests to an explorer, sent beside larger ones. */
export interface SmallRequests {
  /** Resolves with how long each was waited for, in milliseconds. */
  stop(): Promise<readonly number[]>;
  /** Ends the thread, whether it was stopped or not. */
  end(): Promise<unknown>;
}

/**
 * Sends a small request ten times a second, from a thread of its own: whoever makes and sends 64 MiB holds up its own event
 * loop, which would be counted as waiting for the explorer.
 * @param url where the explorer receives OTLP
 */
export async function sendSmallRequests(url: string): Promise<SmallRequests> {
  const worker = new Worker(new URL('./small-requests-thread.ts', import.meta.url), { workerData: url });
  await once(worker, 'message');
  return {
    async stop() {
      worker.postMessage('stop');
      const [milliseconds] = await once(worker, 'message');
      return milliseconds as readonly number[];
    },
    end: () => worker.terminate(),
  };
}
