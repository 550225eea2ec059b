import type { Server } from 'node:http';

/** Tells the measuring process this process's port, and on request the processor time and memory used so far. */
export function answerUsage(server: Server): void {
  process.on('message', (question: { id: number }) => {
    const { user, system } = process.cpuUsage();
    process.send?.({
      id: question.id,
      cpuMicroseconds: user + system,
      residentBytes: process.memoryUsage.rss(),
    });
  });
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
}
