import { closeSync, openSync, readSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The listening sockets stand first in the kernel's table. */
const TABLE_BYTES = 4096;
const table = Buffer.alloc(TABLE_BYTES);

/**
 * The connections that wait in the kernel's queue until the server accepts them. Node accepts one in each turn of its event
 * loop, so under load the queue grows where Node does not see it. The kernel's table of sockets has the queue's length
 * (proc(5), `/proc/net/tcp`: `rx_queue` of a socket in state LISTEN).
 *
 * @returns 0 on systems other than Linux, and without a free file descriptor
 */
export function connectionsWaiting(server: Server): number {
  try {
    const { port, family } = server.address() as AddressInfo;
    const file = openSync(`/proc/self/net/${family === 'IPv6' ? 'tcp6' : 'tcp'}`, 'r');
    const length = readSync(file, table);
    closeSync(file);
    const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
    const listening = new RegExp(`:${hexPort} 0+:0000 0A \\w+:(?<waiting>\\w+) `);
    const found = listening.exec(table.toString('latin1', 0, length));
    return Number.parseInt(found?.groups?.waiting ?? '0', 16);
  } catch {
    return 0;
  }
}
