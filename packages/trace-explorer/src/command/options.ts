/** Flags of the command, with the variable that each is another word for. A flag wins over its variable. */
export const VARIABLES = {
  port: 'PORT',
  'otlp-port': 'OTLP_PORT',
  'grpc-port': 'OTLP_GRPC_PORT',
  'data-dir': 'DATA_DIR',
  'max-bytes': 'EXPLORER_MAX_BYTES',
  queries: 'EXPLORER_QUERIES',
  host: 'HOST',
} as const;

const FLAGS = new Map<string, string>(Object.entries(VARIABLES).map(([flag, variable]) => [variable, flag]));

const text = { type: 'string' } as const;

/** Options that decide where the explorer's store is and how it is reached. */
export const CONFIG_OPTIONS = Object.fromEntries(
  Object.keys(VARIABLES).map((flag) => [flag, text]),
) as Readonly<Record<keyof typeof VARIABLES, typeof text>>;

/** A message about variables, for who types flags: `--port` for PORT, unless PORT itself was given. */
export function inFlags(message: string, env: NodeJS.ProcessEnv = process.env): string {
  return message.replace(/\b[A-Z][A-Z_]*[A-Z]\b/g, (word) => {
    const flag = FLAGS.get(word);
    return flag === undefined || env[word] ? word : `--${flag}`;
  });
}
