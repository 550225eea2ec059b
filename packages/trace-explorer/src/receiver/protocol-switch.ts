import type { Socket } from 'node:net';

/** What a sender speaks, by the first bytes that it sends. */
export type Protocol = 'http/1' | 'http/2' | 'tls';

/** How HTTP/2 without TLS begins, up to where no other request could (RFC 9113, section 3.4). */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2');
/** The type of a TLS record with a ClientHello (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;

/** Looks at the first bytes of a connection, and hands it, with them, to whoever speaks its protocol. */
export class ProtocolSwitch {
  readonly #take: (socket: Socket, protocol: Protocol) => void;
  readonly #timeoutMs: number;
  readonly #silent = new Set<Socket>();

  /** @param timeoutMs after which a connection that has sent nothing is ended */
  constructor(take: (socket: Socket, protocol: Protocol) => void, timeoutMs: number) {
    this.#take = take;
    this.#timeoutMs = timeoutMs;
  }

  accept(socket: Socket): void {
    let first = Buffer.alloc(0);
    const leave = () => {
      this.#silent.delete(socket);
      socket.off('readable', look).off('close', leave).off('error', ignore).off('timeout', end);
    };
    const look = () => {
      const more: Buffer | null = socket.read();
      if (more === null) return;
      first = Buffer.concat([first, more]);
      const protocol = protocolOf(first);
      if (protocol === undefined) return;
      leave();
      socket.setTimeout(0);
      socket.unshift(first);
      this.#take(socket, protocol);
    };
    const end = () => socket.destroy();
    this.#silent.add(socket);
    socket.on('readable', look).on('close', leave).on('error', ignore).on('timeout', end);
    socket.setTimeout(this.#timeoutMs);
  }

  /** Ends the connections that have not said anything yet: they would keep a server from closing. */
  close(): void {
    for (const socket of this.#silent) socket.destroy();
  }
}

/** Undefined as long as it may still become HTTP/2's preface. */
function protocolOf(first: Buffer): Protocol | undefined {
  if (first[0] === TLS_HANDSHAKE) return 'tls';
  const length = Math.min(first.byteLength, HTTP2_PREFACE.byteLength);
  if (HTTP2_PREFACE.compare(first, 0, length, 0, length) !== 0) return 'http/1';
  return length === HTTP2_PREFACE.byteLength ? 'http/2' : undefined;
}

/** A connection that is lost before it says anything harms nobody; 'close' follows. */
function ignore(): void {}
