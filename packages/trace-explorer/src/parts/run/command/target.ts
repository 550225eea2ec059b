import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logSafeUrl } from '@tandem/telemetry/workspace';
import { CliError, ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { GIVEN_ENVIRONMENT } from '../../../core/process-settings.ts';
import { isLoopbackHost } from '../../../core/shared/loopback.ts';
import type { Status } from '../../../core/status.ts';

/** The page's port of an explorer that is started here: the command itself often takes 3000. */
export const PAGE_PORT = '4319';

/** The explorer that the command sends to. */
export interface Target {
  readonly client: ExplorerClient;
  readonly endpoint: string;
  /** The headers that senders of spans need. */
  readonly token: string | undefined;
  /** The address to which the explorer sends taken data on; undefined for none. */
  readonly forward?: string | undefined;
  /** Of an explorer that this command started. */
  readonly own?: { readonly folder: string; stop(): Promise<void> };
}

/** Of a running explorer: the token, and whether the user has named the port. */
interface Trust {
  readonly token: string | undefined;
  readonly isNamed: boolean;
}

type Flags = Readonly<Record<string, unknown>> & { readonly honeycomb?: boolean };

/** How long an explorer that another command starts at this moment may take, and how often it is asked, in milliseconds. */
const START_MS = 10_000;
const ASK_EVERY_MS = 500;

/** The flag of `run` that stands for a variable of the explorer's, which is the command's here. */
const FLAGS: Readonly<Record<string, string>> = { PORT: '--port', DATA_DIR: '--data-dir' };

/**
 * The explorer on one of these ports, else a new one. Where several commands begin at once, one of them starts an
 * explorer, and the others find it when it is ready.
 *
 * @param flags of an explorer that is started; `honeycomb`: it sends on to Honeycomb
 * @throws CliError when it cannot start
 */
export async function findOrStart(
  context: CommandContext,
  ports: readonly string[],
  trust: Trust,
  flags: Flags,
): Promise<Target> {
  const found = await findExplorer(ports, trust);
  if (found !== undefined) return found;
  try {
    return await startOwn(context, flags);
  } catch (cause) {
    const { explainFailure } = await import('../../../core/explain-failure.ts');
    const reason = explainFailure(cause);
    const end = Date.now() + START_MS;
    while (reason.includes(' in use') && Date.now() < end) {
      await sleep(ASK_EVERY_MS);
      const other = await findExplorer(ports, trust);
      if (other !== undefined) return other;
    }
    const ofRun = reason.replace(/\b(?:PORT|DATA_DIR)\b/g, (name) => FLAGS[name] ?? name);
    throw new CliError(ofRun, { cause });
  }
}

/**
 * The first of these ports where an explorer answers that takes spans on this machine. Anybody may have taken a port that
 * the user did not name: the explorer's token does not go there.
 */
export async function findExplorer(ports: readonly string[], trust: Trust): Promise<Target | undefined> {
  for (const port of ports) {
    const url = `http://localhost:${port}`;
    const answer = await probe(url);
    if (answer === 'asks for a token' && trust.token !== undefined) {
      const target = trust.isNamed ? await probe(url, trust.token) : undefined;
      if (typeof target === 'object') return target;
      if (!trust.isNamed)
        process.stderr.write(
          `The program on port ${port} asks for a token. Is it yours? Name it: --port ${port}\n`,
        );
    } else if (typeof answer === 'object') return answer;
  }
  return undefined;
}

/** The explorer at a URL, if an explorer answers there. */
async function probe(url: string, token?: string): Promise<Target | 'asks for a token' | undefined> {
  try {
    const response = await fetch(`${url}/api/status`, {
      redirect: 'error',
      signal: AbortSignal.timeout(5_000),
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
    if (response.status === 401) return 'asks for a token';
    const { otlp_endpoint: endpoint = '', forward } = (await response.json()) as Partial<Status>;
    const client = new ExplorerClient(url, token);
    return isLoopback(endpoint) ? { client, endpoint, token, forward: forward?.to } : undefined;
  } catch {
    return undefined;
  }
}

function isLoopback(endpoint: string): boolean {
  const url = URL.parse(endpoint);
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname);
}

/** Starts an explorer that ends with the command. @throws ListenError, StoreOpenError, ConfigError */
async function startOwn(
  { parts, startExplorer }: CommandContext,
  { honeycomb, ...flags }: Flags,
): Promise<Target> {
  // Loaded here: while another explorer answers, nothing of an explorer is needed.
  const { createLogger } = await import('@tandem/service-kit/http');
  const { configOf } = await import('../../../core/serve/config-of.ts');
  // PORT, HOST, DATA_DIR and LOG_LEVEL are the command's.
  const own = Object.entries(GIVEN_ENVIRONMENT).filter(([name]) =>
    /^(?:EXPLORER|OTLP|HONEYCOMB)_/.test(name),
  );
  const env = { ...Object.fromEntries(own), ...(honeycomb && { EXPLORER_FORWARD: 'honeycomb' }) };
  const config = await configOf(parts, { port: PAGE_PORT, 'grpc-port': 'off', ...flags }, env);
  const { port, otlpPort, stop } = await startExplorer(config, createLogger(config.logLevel));
  const { token } = config;
  return {
    client: new ExplorerClient(`http://localhost:${port}`, token),
    endpoint: `http://localhost:${otlpPort}`,
    token,
    forward: config.forward && logSafeUrl(config.forward.url),
    own: { folder: dirname(config.storeDirectory), stop },
  };
}
