import type { Socket } from 'node:net';

/** The protocol of a sender, by the first bytes that the sender sends. */
type Protocol = 'http/1' | 'http/2' | 'tls';

/** The begin of HTTP/2 without TLS, as long as no other request can begin so (RFC 9113, section 3.4). */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2');
/** The type of a TLS record with a ClientHello (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;

/**
 * Reads the first bytes of connections, and hands each connection with these bytes to `take`.
 * @param timeoutMs time after which a silent connection ends
 */
export function switchProtocols(take: (socket: Socket, protocol: Protocol) => void, timeoutMs: number) {
  const silent = new Set<Socket>();
  return {
    accept(socket: Socket): void {
      let first = Buffer.alloc(0);
      const leave = () => {
        silent.delete(socket);
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
        take(socket, protocol);
      };
      // A process that stood still has not read yet what waits.
      const end = () =>
        setImmediate(() => {
          if (silent.has(socket)) socket.destroy();
        });
      silent.add(socket);
      socket.on('readable', look).on('close', leave).on('error', ignore).on('timeout', end);
      socket.setTimeout(timeoutMs);
    },
    /** Ends the silent connections, which would keep a server from closing. */
    close(): void {
      for (const socket of silent) socket.destroy();
    },
  };
}

/** Undefined while the bytes may still become HTTP/2's preface. */
function protocolOf(first: Buffer): Protocol | undefined {
  if (first[0] === TLS_HANDSHAKE) return 'tls';
  const length = Math.min(first.byteLength, HTTP2_PREFACE.byteLength);
  if (HTTP2_PREFACE.compare(first, 0, length, 0, length) !== 0) return 'http/1';
  return length === HTTP2_PREFACE.byteLength ? 'http/2' : undefined;
}

/** The loss of a silent connection does no harm; 'close' follows. */
function ignore(): void {}
