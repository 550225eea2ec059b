/** Headers of a request to the workspace's explorer: its EXPLORER_TOKEN, when it has one. */
export function explorerHeaders({ EXPLORER_TOKEN }: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return EXPLORER_TOKEN ? { authorization: `Bearer ${EXPLORER_TOKEN}` } : {};
}
