import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How long one request was waited for. */
export interface Wait {
  readonly milliseconds: number;
  /**
   * Processor time that the server's event loop took meanwhile: what it does itself, whatever else the machine is busy
   * with. NaN without a process id, and where the system does not say (it is Linux that does).
   */
  readonly busyMs: number;
}

/** Small requests to a server, sent beside larger ones. */
export interface SmallRequests {
  /** Resolves with what each was waited for. */
  stop(): Promise<readonly Wait[]>;
  /** Ends the thread, whether it was stopped or not. */
  end(): Promise<unknown>;
}

export interface SmallRequestOptions {
  /** GET, or POST of ten spans (default). */
  readonly method?: 'GET' | 'POST';
  /** The server's process. */
  readonly pid?: number;
}

/**
 * Sends a small request ten times a second, from a thread of its own: a process that sends 64 MiB holds up its own event
 * loop, which would be counted as waiting for the server.
 * @param url where the explorer receives OTLP, or what is read
 */
export async function sendSmallRequests(
  url: string,
  { method = 'POST', pid }: SmallRequestOptions = {},
): Promise<SmallRequests> {
  const worker = new Worker(new URL('./small-requests-thread.ts', import.meta.url), {
    workerData: { url, method, pid },
  });
  await once(worker, 'message');
  return {
    async stop() {
      worker.postMessage('stop');
      const [waits] = await once(worker, 'message');
      return waits as readonly Wait[];
    },
    end: () => worker.terminate(),
  };
}

/** The longest of the waits, in milliseconds, and what the server's event loop was busy with at most in one of them. */
export function longestWait(waits: readonly Wait[]): Wait {
  return {
    milliseconds: Math.round(Math.max(...waits.map(({ milliseconds }) => milliseconds))),
    busyMs: Math.round(Math.max(...waits.map(({ busyMs }) => busyMs))),
  };
}
