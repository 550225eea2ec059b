import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logSafeUrl } from '@tandem/telemetry/workspace';
import { CliError, ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { dataFolder } from '../../../core/command/default-data-folder.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import type { Place } from '../../../core/live-explorers.ts';
import {
  forgetIfRefused,
  isRefused,
  liveExplorers,
  PAGE_PORT,
  placesToAsk,
  urlOf,
} from '../../../core/live-explorers.ts';
import type { Status } from '../../../core/status.ts';
import { isLoopbackHost } from '../../../lib/text/loopback.ts';
import { GIVEN_ENVIRONMENT } from '../../../process-settings.ts';

/** The explorer that the command sends to. After the command, `findAgain` may have filled in another one. */
export interface Target {
  client: ExplorerClient;
  endpoint: string;
  /** The headers that senders of spans need. */
  token: string | undefined;
  /** The address to which the explorer sends taken data on; undefined for none. */
  forward?: string | undefined;
  /** The folder of the explorer's store, where that is known. */
  store?: string | undefined;
  /** Of an explorer that this command started. */
  own?: { readonly folder: string; stop(): Promise<void> };
  /** Of an explorer that another command started on the folder of this one: finds the folder's explorer, or starts one. */
  readonly again?: () => Promise<Target>;
}

/** What is asked of an explorer's status. Where it sends taken data on, it says so. */
type Answer = Pick<Partial<Status>, 'otlp_endpoint'> & { readonly forward?: { readonly to: string } };

type Flags = Readonly<Record<string, unknown>> & {
  readonly port?: string;
  readonly honeycomb?: NodeJS.Dict<string> | undefined;
};

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
 * The running explorer by the rule of `live-explorers.ts`, else a new one. A program on a port that the user did not name keeps
 * nobody from starting: free ports do as well. Where several commands begin at once on one folder, one of them starts an
 * explorer, and the others find it when it is ready.
 *
 * @param token the explorer's EXPLORER_TOKEN, where the user has one
 * @param flags that the user has set; `honeycomb`: an explorer that is started sends on to Honeycomb with these variables
 * @param placesOf where a running one is looked for
 * @throws CliError when it cannot start, and where EXPLORER_URL names none
 */
export async function findOrStart(
  context: CommandContext,
  token: string | undefined,
  flags: Flags,
  placesOf: typeof placesToAsk = placesToAsk,
): Promise<Target> {
  const named = flags.port && `http://localhost:${flags.port}`;
  let own = withTwoPorts(flags);
  const store = resolve(String(flags['data-dir'] ?? dataFolder()), 'explorer');
  const end = Date.now() + START_MS;
  let isSaid = false;
  const again = () => findOrStart(context, token, flags, placesOf);
  for (;;) {
    const found = await findExplorer(placesOf(named, await liveExplorers()), token);
    if (found !== undefined) return found.store === store ? { ...found, again } : found;
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
      const live = (await liveExplorers()).find((each) => each.store === store);
      const other = live && (await join({ url: urlOf(live), by: 'live', live }, token));
      if (typeof other === 'object') return { ...other, again };
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
    return isRefused(error);
  }
}

/** The flags with a free port where the one that the user named is also the other one's default. */
function withTwoPorts(flags: Flags): Flags {
  const { port, 'otlp-port': otlpPort } = flags;
  if (otlpPort === undefined && port === OTLP_PORT && !GIVEN_ENVIRONMENT.OTLP_PORT)
    return { ...flags, 'otlp-port': FREE };
  const otlp = otlpPort ?? GIVEN_ENVIRONMENT.OTLP_PORT;
  return port === undefined && otlp === String(PAGE_PORT) ? { ...flags, port: FREE } : flags;
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
 * The first of these places where an explorer answers that takes spans on this machine.
 * @throws CliError where EXPLORER_URL names another machine, or none answers there
 */
export async function findExplorer(
  places: readonly Place[],
  token: string | undefined,
): Promise<Target | undefined> {
  for (const place of places) {
    const { url, by } = place;
    const answer = isLoopback(url) ? await join(place, token) : undefined;
    if (typeof answer === 'object') return answer;
    const isForeign = answer === 'asks for a token' && !isTrusted(place);
    const hint = `Is it yours? Name it: --port ${URL.parse(url)?.port}`;
    if (by === 'EXPLORER_URL') throw notThere(url, answer, isForeign ? hint : '');
    if (isForeign && token !== undefined)
      process.stderr.write(`The program on port ${URL.parse(url)?.port} asks for a token. ${hint}\n`);
  }
  return undefined;
}

/** Why the explorer of EXPLORER_URL cannot be joined. */
function notThere(url: string, answer: 'asks for a token' | undefined, hint: string): CliError {
  const given = `EXPLORER_URL is ${logSafeUrl(url)}`;
  if (answer !== undefined)
    return new CliError(`${given}, and the program there asks for a token. ${hint || 'Set EXPLORER_TOKEN.'}`);
  const isHere = isLoopback(url);
  return new CliError(
    isHere
      ? `${given}, where no trace explorer answers. Start it, or unset EXPLORER_URL: run starts one.`
      : `${given}, and run sends spans only to an explorer of this machine, such as http://localhost:${PAGE_PORT}. Unset EXPLORER_URL: run starts one.`,
  );
}

/** Whether the explorer's token may go to a place: anybody may have taken a port that neither the user nor an explorer of his named. */
function isTrusted({ by, live }: Place): boolean {
  return by === 'option' || live !== undefined;
}

/** The explorer at a place, if one answers there. */
async function join(
  place: Place,
  token: string | undefined,
): Promise<Target | 'asks for a token' | undefined> {
  const answer = await probe(place);
  const isAsked = answer === 'asks for a token' && token !== undefined && isTrusted(place);
  return isAsked ? probe(place, token) : answer;
}

/** The explorer at a place, if one answers there that takes spans on this machine. */
async function probe(
  { url, live }: Omit<Place, 'by'>,
  token?: string,
): Promise<Target | 'asks for a token' | undefined> {
  try {
    const { origin } = new URL(url);
    const response = await fetch(`${origin}/api/status`, {
      redirect: 'error',
      signal: AbortSignal.timeout(5_000),
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
    if (response.status === 401) return 'asks for a token';
    const { otlp_endpoint: endpoint = '', forward }: Answer = await response.json();
    const client = new ExplorerClient(origin, token);
    return isLoopback(endpoint)
      ? { client, endpoint, token, forward: forward?.to, store: live?.store }
      : undefined;
  } catch (error) {
    await forgetIfRefused(live, error);
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
  const config = await configOf(parts, { port: String(PAGE_PORT), 'grpc-port': 'off', ...flags }, env);
  const logger = createLogger(config.logLevel, {}, 2); // standard output is the command's
  const { port, otlpPort, stop } = await startExplorer(config, logger);
  const { token } = config;
  const url = `http://localhost:${port}`;
  // Where it sends on to is its own to say.
  const started = env.EXPLORER_FORWARD ? await probe({ url }, token) : undefined;
  return {
    client: new ExplorerClient(url, token),
    endpoint: `http://localhost:${otlpPort}`,
    token,
    forward: typeof started === 'object' ? started.forward : undefined,
    store: config.storeDirectory,
    own: { folder: dirname(config.storeDirectory), stop },
  };
}
