import { CliError, ExplorerClient, explorerAt, NoAnswerError } from '../client/explorer-client.ts';

/** Longest time for the answer of a process that may be no explorer, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** Options of commands that need an explorer. */
export const EXPLORER_OPTIONS = { 'data-dir': { type: 'string' }, url: { type: 'string' } } as const;

/**
 * Calls `work` with the explorer that runs at `url` (default: see DEFAULT_URL); where none runs, with one that is started
 * for this on a free port, over the store in `data-dir`, and stopped afterwards.
 *
 * @throws CliError when no explorer answers at a `url` that was given
 */
export async function withExplorer(
  values: { readonly url?: string | undefined; readonly 'data-dir'?: string | undefined },
  work: (client: ExplorerClient) => Promise<void>,
): Promise<void> {
  const client = explorerAt(values.url);
  if ((values['data-dir'] === undefined || values.url !== undefined) && (await isExplorer(client)))
    return work(client);
  if (values.url !== undefined) throw new CliError(`No trace explorer answers at ${values.url}.`);
  const { configOf, createLogger, startExplorer } = await loadExplorer();
  const config = configOf({ ...values, host: '127.0.0.1', port: '0', 'otlp-port': '0', 'grpc-port': 'off' });
  const own = await startExplorer(config, createLogger(config.logLevel));
  try {
    await work(new ExplorerClient(`http://127.0.0.1:${own.port}`, config.token));
  } finally {
    await own.stop();
  }
}

/** Loads the modules that start an explorer. They are not loaded while another explorer answers. */
export async function loadExplorer() {
  const [{ createLogger }, { startExplorer }, { configOf }] = await Promise.all([
    import('@tandem/service-kit/http'),
    import('../../start-explorer.ts'),
    import('../serve/config-of.ts'),
  ]);
  return { configOf, createLogger, startExplorer };
}

async function isExplorer(client: ExplorerClient): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return 'max_bytes' in (await client.ask<object>('/api/status', { signal }));
  } catch (error) {
    // The answer of another server says why it is refused.
    if (error instanceof CliError && !(error instanceof NoAnswerError)) throw error;
    return false;
  }
}
