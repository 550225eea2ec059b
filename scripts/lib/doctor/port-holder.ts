import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';

/** The process that listens on a port, as far as the system says. */
export interface PortHolder {
  readonly pid: number;
  /** The program's name, without its arguments: there may be a key among them. */
  readonly name: string;
  /** Its working directory, if readable. */
  readonly directory?: string;
  /** Whether it forwards the port into a container. */
  readonly isContainer: boolean;
}

/**
 * Programs that listen for containers: those of Docker, its rootless mode and Docker Desktop; of Podman, its machine and
 * its rootless networks; of OrbStack, Lima and WSL. Linux has 15 characters of a name, lsof may have 9.
 */
const CONTAINER_PROXIES =
  /^(?:docker-pr|rootlessk|rootlessp|com\.docke|vpnkit|conmon|gvproxy|slirp4net|pasta|OrbStack|limactl|wslrelay)/;

const run = promisify(execFile);

/**
 * Finds who listens on a port of this machine. Undefined when the system does not say: the process belongs to another
 * user, or is in a container.
 */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  try {
    if (process.platform === 'linux') return holderOnLinux(port);
    return await (process.platform === 'win32' ? holderOnWindows(port) : holderByLsof(port));
  } catch {
    return undefined;
  }
}

function holder(pid: string, name: string): PortHolder {
  return { pid: Number(pid), name, isContainer: CONTAINER_PROXIES.test(name) };
}

/** proc(5): /proc/net/tcp has the socket's inode, and the process's folder has a link to that inode. */
function holderOnLinux(port: number): PortHolder | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!socketsOf(pid).some((inode) => inodes.has(inode))) continue;
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return { ...holder(pid, name), directory: readlinkSync(`/proc/${pid}/cwd`) };
  }
  return undefined;
}

/** Columns: number, local address, remote address, state (0A listens), queues, timer, retransmits, user, timeout, inode. */
function listeningInodes(table: string, port: number): string[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(`/proc/net/${table}`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = '', , state]) => address.endsWith(local) && state === '0A')
    .map((columns) => columns[9] ?? '');
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // of another user, or gone
  }
}

/** lsof(8), which macOS and BSDs have: a line per field, with its letter before it. */
async function holderByLsof(port: number): Promise<PortHolder | undefined> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  if (pid === undefined) return undefined;
  const name = /^c(.*)$/m.exec(stdout)?.[1] ?? 'a process';
  const { stdout: folder } = await run('lsof', ['-a', '-p', pid, '-d', 'cwd', '-Fn']);
  const directory = /^n(.*)$/m.exec(folder)?.[1];
  return { ...holder(pid, name), ...(directory !== undefined && { directory }) };
}

async function holderOnWindows(port: number): Promise<PortHolder | undefined> {
  const { stdout } = await run('netstat', ['-ano', '-p', 'tcp']);
  // The state's name is translated; a remote port of 0 is a listening socket.
  const pid = new RegExp(`^\\s*TCP\\s+\\S+:${port}\\s+\\S+:0\\s+\\S+\\s+(\\d+)\\s*$`, 'm').exec(stdout)?.[1];
  if (pid === undefined) return undefined;
  const { stdout: list } = await run('tasklist', ['/fi', `PID eq ${pid}`, '/fo', 'csv', '/nh']);
  return holder(pid, /^"([^"]+)"/.exec(list.trim())?.[1] ?? 'a process');
}
