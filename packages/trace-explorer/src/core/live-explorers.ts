import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isLoopbackHost } from '../lib/text/loopback.ts';

/** The page's default port, beside OTLP's own 4317 and 4318. */
export const PAGE_PORT = 4319;

/** A running explorer, as it has written itself down. */
export interface LiveExplorer {
  /** HOST: the address where it listens. */
  readonly host: string;
  /** Of the page. */
  readonly port: number;
  /** The folder of its store, which nobody else has open. */
  readonly store: string;
  /** Where the command was typed that started it. */
  readonly folder: string;
  /** When it started, in milliseconds since the epoch. */
  readonly since: number;
}

/** Where a command asks for the explorer. */
export interface Place {
  readonly url: string;
  /** Who says so: an option, EXPLORER_URL, the explorer itself, or nobody. */
  readonly by: 'option' | 'EXPLORER_URL' | 'live' | 'default';
  /** The explorer that has written down that it listens there. */
  readonly live?: LiveExplorer | undefined;
}

const DEFAULT: Place = { url: `http://localhost:${PAGE_PORT}`, by: 'default' };

/** Longest time for the answer of an explorer, in milliseconds. */
const TIMEOUT_MS = 5_000;

/**
 * Writes a running explorer down in the user's own folder, so that commands find it. Where nothing can be written, they ask the
 * default port.
 * @returns how to take it back
 */
export async function writeLive({
  host,
  port,
  store,
}: Pick<LiveExplorer, 'host' | 'port' | 'store'>): Promise<() => void> {
  const folder = await liveFolder();
  const path = fileOf(folder, port);
  const own = JSON.stringify({ host, port, store, folder: typedIn(), since: Date.now() });
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const part = `${path}.${process.pid}`;
    writeFileSync(part, own, { mode: 0o600 });
    renameSync(part, path);
  } catch {}
  return () => removeIf(path, own);
}

/**
 * The explorers that have written themselves down on this machine: those of this folder and of the folders above it first, the
 * nearest one first; then the newest. Some may have ended.
 */
export async function liveExplorers(here = typedIn()): Promise<LiveExplorer[]> {
  const live = await liveFolder();
  const nearness = ({ folder }: LiveExplorer) => (isWithin(here, folder) ? folder.length : -1);
  return liveFiles(live)
    .flatMap((name) => readLive(join(live, name)) ?? [])
    .sort((a, b) => nearness(b) - nearness(a) || b.since - a.since);
}

/**
 * Where a command asks, in this order: what its option names, EXPLORER_URL, the live explorers, the default port. The first two
 * leave no choice; of the others the first counts that answers.
 * @param named the URL of an option
 */
export function placesToAsk(named: string | undefined, live: readonly LiveExplorer[]): readonly Place[] {
  const { EXPLORER_URL } = process.env;
  const at = (url: string) => live.find((each) => isSame(url, each));
  if (named !== undefined) return [{ url: named, by: 'option', live: at(named) }];
  if (EXPLORER_URL) return [{ url: EXPLORER_URL, by: 'EXPLORER_URL', live: at(EXPLORER_URL) }];
  const places: Place[] = live.map((each) => ({ url: urlOf(each), by: 'live', live: each }));
  return [...places, DEFAULT];
}

/** The place where a command asks. @param named the URL of an option */
export async function placeToAsk(named?: string): Promise<Place> {
  const isOpen = named === undefined && !process.env.EXPLORER_URL;
  for (const place of placesToAsk(named, isOpen ? await liveExplorers() : []))
    if (place.by !== 'live' || (await answers(place))) return place;
  return DEFAULT;
}

/** Whether an explorer answers at a place. One that asks for a token does, and so does one that is busy. */
export async function answers({ url, live }: Omit<Place, 'by'>): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/status`, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) return typeof Object(await response.json()).max_bytes === 'number';
    const isProblem = response.headers.get('content-type')?.includes('application/problem+json');
    return response.status === 401 || (isProblem === true && response.status !== 404);
  } catch (error) {
    await forgetIfRefused(live, error);
    return false;
  }
}

/** Removes what an explorer has written down that nobody stopped: nobody listens there any more. @param error of `fetch` */
export async function forgetIfRefused(live: LiveExplorer | undefined, error: unknown): Promise<void> {
  if (live !== undefined && isRefused(error))
    removeIf(fileOf(await liveFolder(), live.port), JSON.stringify(live));
}

/** Whether nobody listens. @param error of `fetch` */
export function isRefused(error: unknown): boolean {
  return Object(Object(error).cause).code === 'ECONNREFUSED';
}

/** A server on one of these listens on all addresses: programs on this machine reach it as localhost. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/** The URL of a server that listens on `host`, for programs on this machine. */
export function urlOf({ host, port }: Pick<LiveExplorer, 'host' | 'port'>): string {
  if (ANY_ADDRESS.includes(host) || host === '127.0.0.1' || host === '::1') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where the person is: npm and the launcher say so, because they change the folder. */
function typedIn(): string {
  return process.env.INIT_CWD || process.cwd();
}

/** Loads a package, which a command with `--url` need not. */
async function liveFolder(): Promise<string> {
  const { dataFolder } = await import('./command/default-data-folder.ts');
  return join(dataFolder(), 'live');
}

/** One file for each port, with the machine's name, because machines may share a home. */
function fileOf(folder: string, port: number): string {
  return join(folder, `${machine()}-${port}.json`);
}

function machine(): string {
  return encodeURIComponent(hostname());
}

function liveFiles(folder: string): string[] {
  const start = `${machine()}-`;
  try {
    return readdirSync(folder).filter(
      (name) => name.startsWith(start) && /^\d{1,5}\.json$/.test(name.slice(start.length)),
    );
  } catch {
    return [];
  }
}

function readLive(path: string): LiveExplorer | undefined {
  try {
    const { host, port, store, folder, since } = Object(JSON.parse(readFileSync(path, 'utf8')));
    const isWhole =
      [host, store, folder].every((each) => typeof each === 'string') &&
      Number.isInteger(port) &&
      typeof since === 'number' &&
      URL.canParse(urlOf({ host, port }));
    return isWhole ? { host, port, store, folder, since } : undefined;
  } catch {
    return undefined;
  }
}

/** Removes a file that is as it was: another explorer may have written its own there. */
function removeIf(path: string, content: string): void {
  try {
    if (readFileSync(path, 'utf8') === content) rmSync(path);
  } catch {}
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Whether a URL leads to this explorer. */
function isSame(url: string, live: LiveExplorer): boolean {
  const [given, own] = [URL.parse(url), new URL(urlOf(live))];
  if (given === null || given.port !== own.port) return false;
  return given.host === own.host || (isLoopbackHost(given.hostname) && isLoopbackHost(own.hostname));
}
