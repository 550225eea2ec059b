/** Headers for whoever asks the workspace's explorer, or sends to it: its EXPLORER_TOKEN, where it has one. */
export function explorerHeaders({ EXPLORER_TOKEN }: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return EXPLORER_TOKEN ? { authorization: `Bearer ${EXPLORER_TOKEN}` } : {};
}
