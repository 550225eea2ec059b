import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Test } from 'tap';

/** A user-lookup on a host that can vanish without closing its connections. */
export interface BlackHole {
  readonly origin: string;
  /** Makes the host vanish: nothing is answered, and no new connection is possible. */
  disappear(): Promise<void>;
  comeBack(): void;
}

/** The queue is as short as the kernel allows, so that a few connections fill it. */
const BACKLOG = 1;

const SERVER = `
  const { createServer } = require('node:http');
  const server = createServer((request, response) => {
    const missing = new URL(request.url, 'http://x').searchParams.getAll('handle');
    response.end(JSON.stringify({ users: [], missing }));
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: ${BACKLOG} }, () => console.log(server.address().port));
`;

/**
 * Starts a process in user-lookup's place. To vanish, it is stopped (SIGSTOP) while its queue of connections is full. The
 * kernel then drops the packets that ask for another connection.
 */
export async function startBlackHole(t: Test): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const fillers: Socket[] = [];
  t.teardown(() => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line);
  return {
    origin: `http://127.0.0.1:${port}`,
    async disappear() {
      child.kill('SIGSTOP');
      for (let count = 0; count <= BACKLOG; count++) {
        const filler = connect(port, '127.0.0.1').on('error', () => {});
        fillers.push(filler);
        await once(filler, 'connect');
      }
    },
    comeBack() {
      child.kill('SIGCONT');
    },
  };
}
