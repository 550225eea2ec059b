import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/**
 * The treatment of connections:
 * - `forward`: bytes are passed on. Connections that were swallowed before stay silent.
 * - `swallow`: nothing is passed on and nothing is closed, as when a host vanishes or a NAT forgets its entries; new
 *   connections are accepted and never answered.
 * - `refuse`: all connections are cut, and new ones are refused.
 * - `reset`: each connection is cut (RST) as soon as something is sent on it.
 * - `half-close`: the end of the answer (FIN) comes as soon as something was asked, and no answer; what else is asked is
 *   still taken.
 * - `{ delayMs }`: answers are delayed by this time.
 * - `{ answer }`: every request gets these bytes as its answer; then the connection is closed.
 */
export type RelayMode =
  | 'forward'
  | 'swallow'
  | 'refuse'
  | 'reset'
  | 'half-close'
  | { readonly delayMs: number }
  | { readonly answer: string };

/** A connection to a server that a test can disturb. */
export interface Relay {
  readonly port: number;
  /** How often something was sent to the server after an answer, on all connections together. */
  readonly roundTrips: number;
  /** Sets the treatment of all connections, open ones included. */
  become(mode: RelayMode): Promise<void>;
  close(): Promise<void>;
}

interface Way {
  readonly incoming: Socket;
  readonly outgoing: Socket;
  isSwallowed: boolean;
}

/**
 * Starts a relay to a port of 127.0.0.1. Its first mode is `forward`.
 *
 * @example
 * const relay = await startRelay(5432);
 * await relay.become('swallow'); // the server has vanished
 */
export async function startRelay(target: number): Promise<Relay> {
  const ways = new Set<Way>();
  let mode: RelayMode = 'forward';
  let roundTrips = 0;

  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    const way: Way = { incoming, outgoing, isSwallowed: mode === 'swallow' };
    ways.add(way);
    let isAsking = false;
    incoming.on('data', (chunk) => {
      if (way.isSwallowed) return;
      if (!isAsking) roundTrips++;
      isAsking = true;
      ask(way, chunk);
    });
    outgoing.on('data', (chunk) => {
      isAsking = false;
      if (way.isSwallowed) return;
      if (typeof mode === 'object' && 'delayMs' in mode)
        setTimeout(() => incoming.writable && incoming.write(chunk), mode.delayMs);
      else incoming.write(chunk);
    });
    incoming.on('end', () => way.isSwallowed || outgoing.end());
    outgoing.on('end', () => way.isSwallowed || incoming.end());
    incoming.on('close', () => mode === 'swallow' || forget(way)); // nor does the server learn that the connection has closed
    outgoing.on('close', () => way.isSwallowed || incoming.destroySoon());
    for (const socket of [incoming, outgoing]) socket.on('error', () => {});
  });

  function forget(way: Way): void {
    ways.delete(way);
    way.outgoing.destroy();
  }

  function ask({ incoming, outgoing }: Way, chunk: Buffer): void {
    if (mode === 'reset') incoming.resetAndDestroy();
    else if (mode === 'half-close') incoming.end();
    else if (typeof mode === 'object' && 'answer' in mode) incoming.end(mode.answer);
    else outgoing.write(chunk);
  }

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const cut = () => {
    for (const { incoming, outgoing } of ways) {
      incoming.destroy();
      outgoing.destroy();
    }
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      cut();
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get roundTrips() {
      return roundTrips;
    },
    async become(next) {
      const before = mode;
      mode = next;
      if (next === 'swallow') for (const way of ways) way.isSwallowed = true;
      else for (const way of ways) if (way.incoming.destroyed) forget(way);
      if (next === 'refuse' && before !== 'refuse') await stop();
      if (next !== 'refuse' && before === 'refuse') await listen(port);
    },
    async close() {
      if (server.listening) await stop();
      else cut();
    },
  };
}
