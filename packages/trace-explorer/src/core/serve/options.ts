/** Flags of the command, each with its variable. A flag wins over its variable. */
export const VARIABLES = {
  port: 'PORT',
  'otlp-port': 'OTLP_PORT',
  'grpc-port': 'OTLP_GRPC_PORT',
  'data-dir': 'DATA_DIR',
  'max-bytes': 'EXPLORER_MAX_BYTES',
  queries: 'EXPLORER_QUERIES',
  host: 'HOST',
} as const;

const text = { type: 'string' } as const;

/** Options that decide where the explorer's store is and how it is reached. */
export const CONFIG_OPTIONS = Object.fromEntries(
  Object.keys(VARIABLES).map((flag) => [flag, text]),
) as Readonly<Record<keyof typeof VARIABLES, typeof text>>;
