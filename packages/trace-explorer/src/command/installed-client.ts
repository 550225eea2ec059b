import { ExplorerClient } from '../cli/explorer-client.ts';

/** The explorer that somebody has started with this command: at a URL, else on this machine. @throws CliError when the URL is none */
export function installedClient(url: string | undefined): ExplorerClient {
  const { PORT, EXPLORER_TOKEN } = process.env;
  return new ExplorerClient(
    url ?? `http://localhost:${PORT || 3000}`,
    EXPLORER_TOKEN || undefined,
    'npx @tandem/trace-explorer',
  );
}
