import { once } from 'node:events';
import { connect } from 'node:net';

/** One HTTP/1.1 request with exactly these headers over a socket of its own; resolves with status, headers, body. */
export async function rawRequest(
  port: number,
  target: string,
  headers: readonly string[],
): Promise<{ status: number; head: string; body: string }> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write([`${target} HTTP/1.1`, ...headers, 'connection: close', '', ''].join('\r\n'));
  await once(socket, 'close');
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n', 2);
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body };
}
