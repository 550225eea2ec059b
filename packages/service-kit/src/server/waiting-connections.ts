import { closeSync, openSync, readSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The kernel gives its table in parts of so many bytes at most, of whole rows. */
const PART_BYTES = 4096;
const part = Buffer.alloc(PART_BYTES);
/** The listening sockets stand first in the table. Of so many parts, some thousand are looked through. */
const MAX_PARTS = 40;
const LISTENS = ' 0A ';

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
    const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
    const listening = new RegExp(`:${hexPort} 0+:0000${LISTENS}\\w+:(?<waiting>\\w+) `);
    try {
      for (let parts = 0; parts < MAX_PARTS; parts++) {
        const rows = part.toString('latin1', 0, readSync(file, part));
        const { waiting } = listening.exec(rows)?.groups ?? {};
        if (waiting !== undefined) return Number.parseInt(waiting, 16);
        if (!rows.includes(LISTENS)) break;
      }
    } finally {
      closeSync(file);
    }
  } catch {
    // no file descriptor is free
  }
  return 0;
}
