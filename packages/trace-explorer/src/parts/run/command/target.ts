import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { dataFolder } from '../../../core/command/default-data-folder.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import type { Status } from '../../../core/status.ts';
import { GIVEN_ENVIRONMENT } from '../../../lib/node/process-settings.ts';
import { isLoopbackHost } from '../../../lib/text/loopback.ts';

/** The page's port of an explorer that is started here: the command itself often takes 3000. */
export const PAGE_PORT = '4319';

/** The explorer that the command sends to. After the command, `findAgain` may have filled in another one. */
export interface Target {
  client: ExplorerClient;
  endpoint: string;
  /** The headers that senders of spans need. */
  token: string | undefined;
  /** The address to which the explorer sends taken data on; undefined for none. */
  forward?: string | undefined;
  /** Of an explorer that this command started. */
  own?: { readonly folder: string; stop(): Promise<void> };
  /** Of an explorer that another command started on the folder of this one: finds the folder's explorer, or starts one. */
  readonly again?: () => Promise<Target>;
}

/** What is asked of an explorer's status. Where it sends taken data on, it says so. */
type Answer = Pick<Partial<Status>, 'otlp_endpoint'> & { readonly forward?: { readonly to: string } };

/** Of a running explorer: the token, and whether the user has named the port. */
interface Trust {
  readonly token: string | undefined;
  readonly isNamed: boolean;
}

type Flags = Readonly<Record<string, unknown>> & { readonly honeycomb?: NodeJS.Dict<string> | undefined };

/** How long an explorer that another command starts at this moment may take, and how often it is asked, in milliseconds. */
const START_MS = 30_000;
const ASK_EVERY_MS = 500;

/** The flag of `run` that stands for a variable of the explorer's, which is the command's here. */
const FLAGS: Readonly<Record<string, string>> = {
  PORT: '--port',
  OTLP_PORT: '--otlp-port',
  DATA_DIR: '--data-dir',
};

/** Of OTLP over HTTP, by default. */
const OTLP_PORT = '4318';
/** The system chooses a free port. */
const FREE = '0';

/**
 * The explorer on one of these ports, else a new one. A program on a port that the user did not name keeps nobody from
 * starting: free ports do as well. Where several commands begin at once on one folder, one of them starts an explorer, and the
 * others find it when it is ready.
 *
 * @param flags of an explorer that is started; `honeycomb`: it sends on to Honeycomb with these variables
 * @throws CliError when it cannot start
 */
export async function findOrStart(
  context: CommandContext,
  ports: readonly string[],
  trust: Trust,
  flags: Flags,
): Promise<Target> {
  let own = withTwoPorts(flags);
  const end = Date.now() + START_MS;
  let isSaid = false;
  const again = () => findOrStart(context, ports, trust, flags);
  for (;;) {
    const found = await findExplorer(ports, trust);
    if (found !== undefined) return (await hasFolder(found, flags)) ? { ...found, again } : found;
    try {
      return await startOwn(context, own);
    } catch (cause) {
      const free = await withFreePort(own, flags, cause);
      if (free !== undefined) {
        own = free;
        continue;
      }
      const { StoreInUseError } = await import('../../../core/store/store-error.ts');
      if (!(cause instanceof StoreInUseError)) throw await ofRun(cause);
      const other = await explorerOf(flags, trust);
      if (other !== undefined) return { ...other, again };
      if (Date.now() > end) throw await ofRun(cause);
      if (!isSaid) process.stderr.write('Another process has the folder open: waiting for its explorer …\n');
      isSaid = true;
      await sleep(ASK_EVERY_MS);
    }
  }
}

/**
 * Finds the explorer again once the command has ended. One that another command had started has ended with that: then another
 * explorer on the same folder takes its place, where the spans are kept. One with a folder of its own has taken them along.
 * @throws CliError when none can start
 */
export async function findAgain(target: Target): Promise<void> {
  if (target.again === undefined || !(await isGone(target.client.url))) return;
  Object.assign(target, await target.again());
}

/** Whether nobody listens at a URL of this machine any more. One that answers late is there. */
async function isGone(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/api/status`, {
      method: 'HEAD',
      redirect: 'error',
      signal: AbortSignal.timeout(5_000),
    });
    return false;
  } catch (error) {
    return Object(Object(error).cause).code === 'ECONNREFUSED';
  }
}

/** The flags with a free port where the one that the user named is also the other one's default. */
function withTwoPorts(flags: Flags): Flags {
  const { port, 'otlp-port': otlpPort } = flags;
  if (otlpPort === undefined && port === OTLP_PORT && !GIVEN_ENVIRONMENT.OTLP_PORT)
    return { ...flags, 'otlp-port': FREE };
  const otlp = otlpPort ?? GIVEN_ENVIRONMENT.OTLP_PORT;
  return port === undefined && otlp === PAGE_PORT ? { ...flags, port: FREE } : flags;
}

/**
 * The flags with a free port instead of one that is in use; undefined where another reason keeps the explorer from starting.
 * @param named flags that the user has set @throws CliError for a port that the user named
 */
async function withFreePort(own: Flags, named: Flags, cause: unknown): Promise<Flags | undefined> {
  const { ListenError } = await import('../../../core/explain-failure.ts');
  if (!(cause instanceof ListenError && cause.isInUse)) return undefined;
  const flag = cause.variable === 'PORT' ? 'port' : 'otlp-port';
  const isOfShell = flag === 'otlp-port' && Boolean(GIVEN_ENVIRONMENT.OTLP_PORT);
  if (named[flag] === undefined && !isOfShell) return { ...own, [flag]: FREE };
  const option = named[flag] === undefined ? cause.variable : `--${flag}`;
  throw new CliError(`Port ${cause.port} is in use. Leave ${option} out, and run takes a free one.`, {
    cause,
  });
}

/** Whether an explorer has the folder open which these flags name. */
async function hasFolder({ client }: Target, flags: Flags): Promise<boolean> {
  return (await portOf(flags)) === new URL(client.url).port;
}

/** The page's port of the explorer that has, or had, the folder open which these flags name. */
async function portOf(flags: Flags): Promise<string | undefined> {
  const { keptPort } = await import('../../../core/serve/kept-port.ts');
  return keptPort(resolve(String(flags['data-dir'] ?? dataFolder()), 'explorer'));
}

/** The explorer that has the folder open which these flags name, once it is ready. */
async function explorerOf(flags: Flags, trust: Trust): Promise<Target | undefined> {
  const port = await portOf(flags);
  // Only what has the user's folder open writes there, so the port is as good as one that the user named.
  return port === undefined ? undefined : findExplorer([port], { ...trust, isNamed: true });
}

/** An error with the reason in the words of `run`'s flags. */
async function ofRun(cause: unknown): Promise<CliError> {
  const { explainFailure } = await import('../../../core/explain-failure.ts');
  const reason = explainFailure(cause).replace(
    /\b(?:PORT|OTLP_PORT|DATA_DIR)\b/g,
    (name) => FLAGS[name] ?? name,
  );
  return new CliError(reason, { cause });
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
    const { otlp_endpoint: endpoint = '', forward }: Answer = await response.json();
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
  const env = {
    ...Object.fromEntries(own),
    ...(honeycomb && { ...honeycomb, EXPLORER_FORWARD: 'honeycomb' }),
  };
  const config = await configOf(parts, { port: PAGE_PORT, 'grpc-port': 'off', ...flags }, env);
  const { port, otlpPort, stop } = await startExplorer(config, createLogger(config.logLevel));
  const { token } = config;
  const url = `http://localhost:${port}`;
  // Where it sends on to is its own to say.
  const started = env.EXPLORER_FORWARD ? await probe(url, token) : undefined;
  return {
    client: new ExplorerClient(url, token),
    endpoint: `http://localhost:${otlpPort}`,
    token,
    forward: typeof started === 'object' ? started.forward : undefined,
    own: { folder: dirname(config.storeDirectory), stop },
  };
}
