import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A way to a server that can be lost without a word, as when a host vanishes or a NAT forgets its entries. */
export interface BlackHole {
  readonly port: number;
  /** From now on nothing is passed on and nothing is closed; new connections are taken and never answered. */
  swallow(): void;
  /** New connections work again. Those from before stay silent for ever. */
  forward(): void;
  /** How often something was sent to the server after it had answered, on all connections together. */
  readonly roundTrips: number;
  close(): Promise<void>;
}

/** Passes connections to a port of 127.0.0.1 on, until told to swallow them. */
export async function startBlackHole(target: number): Promise<BlackHole> {
  const sockets = new Set<Socket>();
  let swallows = false;
  let roundTrips = 0;
  const server = createServer((incoming) => {
    keep(incoming);
    if (swallows) return;
    const outgoing = connect(target, '127.0.0.1');
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    let isAsking = false;
    incoming.on('data', () => {
      if (!isAsking) roundTrips++;
      isAsking = true;
    });
    outgoing.on('data', () => {
      isAsking = false;
    });
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get roundTrips() {
      return roundTrips;
    },
    swallow() {
      swallows = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.removeAllListeners('close');
        socket.resume(); // read and thrown away, so that the other end sees no full window either
      }
    },
    forward() {
      swallows = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
