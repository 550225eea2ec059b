import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/lib/free-port.ts';

const VERSIONS = '/usr/lib/postgresql';
const run = promisify(execFile);

/** A PostgreSQL server for one test, which can stop and start it. */
export interface PostgresCluster {
  readonly url: string;
  /** Ends all connections and starts again: `immediate` as after a crash, `fast` as an administrator does it. */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  /** Makes a standby take writes. */
  promote(): Promise<void>;
  /** Stops all its processes (SIGSTOP): the kernel accepts connections, and nothing is answered. */
  freeze(): Promise<void>;
  /** Continues the stopped processes (SIGCONT). */
  thaw(): Promise<void>;
  /** Stops it and deletes its files. */
  remove(): Promise<void>;
}

/** Whether this machine has a PostgreSQL to start. */
export function canStartPostgres(): boolean {
  return existsSync(VERSIONS);
}

/**
 * Creates and starts a server on a free port of 127.0.0.1, with the newest PostgreSQL of the system. PostgreSQL refuses to
 * run as root, so root runs it as the user `postgres`.
 * @param standbyOf the server that it follows; default: none
 */
export async function startPostgresCluster({
  standbyOf,
}: {
  readonly standbyOf?: PostgresCluster;
} = {}): Promise<PostgresCluster> {
  const newest = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))[0];
  const bin = join(VERSIONS, String(newest), 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'tandem-cluster-'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await run('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  const port = await freePort();
  const command = (text: string) =>
    isRoot ? run('su', ['postgres', '-s', '/bin/sh', '-c', text]) : run('/bin/sh', ['-c', text]);
  const control = (text: string) =>
    command(`cd '${folder}' && '${bin}/pg_ctl' -D '${folder}/data' -w -l '${folder}/log' ${text} >/dev/null`);
  const signal = async (name: 'SIGSTOP' | 'SIGCONT') => {
    const [postmaster = ''] = readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', postmaster]);
    for (const pid of [postmaster, ...stdout.trim().split(/\s+/)]) process.kill(Number(pid), name);
  };
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
  const cluster: PostgresCluster = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    restart: async (mode) => void (await control(`-m ${mode} restart`)),
    stop: async (mode) => void (await control(`-m ${mode} stop`)),
    start: async () => void (await control(`-o "${settings}" start`)),
    promote: async () => void (await control('promote')),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async remove() {
      await control('-m immediate stop').catch(() => {}); // a test may have stopped it
      await command(`rm -rf '${folder}'/*`);
      await run('rm', ['-rf', folder]);
    },
  };
  const make =
    standbyOf === undefined
      ? `'${bin}/initdb' -N -D '${folder}/data' -U postgres -A trust`
      : `'${bin}/pg_basebackup' -D '${folder}/data' -R -c fast -d '${standbyOf.url}'`;
  await command(`cd '${folder}' && ${make} >/dev/null`);
  await cluster.start();
  return cluster;
}
