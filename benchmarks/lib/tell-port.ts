import type { Server } from 'node:http';

/** Tells the measuring process this process's port, and ends with the measuring process. */
export function tellPort(server: Server): void {
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
}
