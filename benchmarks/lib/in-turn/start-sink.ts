import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Protocol } from './sink.ts';

/** Backends of all tracers, on loopback. */
export interface Sink {
  /** By variant. */
  readonly ports: Readonly<Record<string, number>>;
  /** Spans that came so far, by variant. */
  counts(): Promise<Readonly<Record<string, number>>>;
  stop(): void;
}

/** Starts a sink for the given variants in a process of its own. */
export async function startSink(protocols: Readonly<Record<string, Protocol>>): Promise<Sink> {
  const child = fork(new URL('./sink.ts', import.meta.url), [JSON.stringify(protocols)]);
  const [{ ports }] = await once(child, 'message');
  return {
    ports,
    async counts() {
      child.send({});
      const [{ counts }] = await once(child, 'message');
      return counts;
    },
    stop() {
      child.disconnect();
    },
  };
}
