import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../processes.ts';

/** A registry on loopback that asks npm's own once for each package and keeps the answer between runs of tests. */
export interface ReadThroughRegistry {
  /** Without a slash at its end. */
  readonly url: string;
  close(): void;
}

/** What it keeps of an answer. */
interface Kept {
  readonly type: string;
  readonly body: Buffer;
}

/**
 * Starts the registry. An installation with an empty HOME fetches everything from it, and the network is asked for nothing that
 * an earlier run has fetched. Each version of pnpm has answers of its own: what is known of pnpm would not have the next one.
 */
export async function startReadThroughRegistry(): Promise<ReadThroughRegistry> {
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    shell: process.platform === 'win32', // npm is a script there
  })
    .trim()
    .replace(/\/$/, '');
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const folder = join(ROOT, 'node_modules', '.cache', 'tests', `registry-${packageManager}`);
  mkdirSync(folder, { recursive: true });

  async function answer(path: string, accept: string, response: ServerResponse): Promise<void> {
    const file = join(folder, createHash('sha256').update(`${path} ${accept}`).digest('hex'));
    const { type, body } = readKept(file) ?? (await fetchAndKeep(`${upstream}${path}`, accept, file));
    const isJson = type.includes('json');
    const local = isJson ? body.toString().replaceAll(upstream, url) : body; // addresses of tarballs
    response.writeHead(200, { 'content-type': type }).end(local);
  }
  const server = createServer((request, response) => {
    answer(request.url ?? '/', request.headers.accept ?? '*/*', response).catch((error) =>
      response.writeHead(502).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function readKept(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  return { type: readFileSync(`${file}.type`, 'utf8'), body: readFileSync(file) };
}

/** The body last and by rename: others ask at the same time. @throws Error when the registry does not give it */
async function fetchAndKeep(url: string, accept: string, file: string): Promise<Kept> {
  const response = await fetch(url, { headers: { accept } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const kept = {
    type: response.headers.get('content-type') ?? '',
    body: Buffer.from(await response.arrayBuffer()),
  };
  writeFileSync(`${file}.type`, kept.type);
  const whole = `${file}.${process.pid}.${performance.now()}`;
  writeFileSync(whole, kept.body);
  renameSync(whole, file);
  return kept;
}
