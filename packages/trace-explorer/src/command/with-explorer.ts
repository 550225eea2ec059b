import { createLogger } from '@tandem/service-kit/http';
import { CliError } from '../cli/explorer-client.ts';
import { startExplorer } from '../start-explorer.ts';
import { configOf } from './options.ts';

/** Longest time for the answer of a process that may be no explorer, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** Options of commands that need an explorer. */
export const EXPLORER_OPTIONS = {
  'data-dir': { type: 'string' },
  url: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Nothing listens there, or it has gone away. */
class NoAnswerError extends CliError {}

/** What was asked for is not there (any more): 404. */
export class NotThereError extends CliError {}

/** Asks one explorer. @throws CliError with what it answers, where that is no success */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/**
 * Calls `work` with the explorer that runs at `url` (default: on port 3000); where none runs, with one that is started
 * for this on a free port, over the store in `data-dir`, and stopped afterwards.
 *
 * @throws CliError when no explorer answers at a `url` that was given
 */
export async function withExplorer(
  values: { readonly url?: string | undefined; readonly 'data-dir'?: string | undefined },
  work: (ask: Ask) => Promise<void>,
): Promise<void> {
  const token = process.env.EXPLORER_TOKEN || undefined;
  const url = values.url ?? `http://localhost:${process.env.PORT || 3000}`;
  const ask = asking(url, token);
  if (values['data-dir'] === undefined && (await isExplorer(ask))) return work(ask);
  if (values.url !== undefined) {
    if (await isExplorer(ask)) return work(ask);
    throw new CliError(`No trace explorer answers at ${url}.`);
  }
  const config = configOf({ ...values, host: '127.0.0.1', port: '0', 'otlp-port': '0', 'grpc-port': 'off' });
  const own = await startExplorer(config, createLogger(config.logLevel));
  try {
    await work(asking(`http://127.0.0.1:${own.port}`, config.token));
  } finally {
    await own.stop();
  }
}

function asking(url: string, token: string | undefined): Ask {
  const base = url.replace(/\/+$/, '');
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return async (path, init = {}) => {
    const response = await fetch(base + path, {
      ...init,
      headers: { ...authorization, ...init.headers },
    }).catch((error: Error) => {
      throw new NoAnswerError(`No trace explorer answers at ${base}.`, { cause: error });
    });
    if (response.ok) return response;
    const { title, detail } = (await response.json().catch(() => ({}))) as {
      title?: string;
      detail?: string;
    };
    const Refusal = response.status === 404 ? NotThereError : CliError;
    throw new Refusal(
      `${base}: ${[title, detail].filter(Boolean).join('. ') || `it answered ${response.status}`}`,
    );
  };
}

async function isExplorer(ask: Ask): Promise<boolean> {
  try {
    const status: unknown = await (
      await ask('/api/status', { signal: AbortSignal.timeout(TIMEOUT_MS) })
    ).json();
    return typeof status === 'object' && status !== null && 'max_bytes' in status;
  } catch (error) {
    // What answers says why it does not.
    if (error instanceof CliError && !(error instanceof NoAnswerError)) throw error;
    return false;
  }
}
