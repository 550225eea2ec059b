import { ConfigError } from '../config/config-error.ts';
import { withoutKeys } from '../config/without-keys.ts';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { Problem } from '../problems/problem.ts';

/** Why a process does not start: one line that names the variable to look at; a stack only where the cause is unknown. */
export function explainStartFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Problem && error.cause instanceof Error)
    return `The database refused: ${error.cause.message}; see DATABASE_URL.`;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code?.startsWith('ERR_PARSE_ARGS')) return error.message;
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${address} is already in use; stop what uses it, or set PORT.`;
  if (syscall === 'listen' || syscall === 'bind') return `${error.message}; see HOST and PORT.`;
  if (syscall === 'connect')
    return `The database at ${address}:${port} does not answer (${code}); see DATABASE_URL.`;
  if (syscall === 'getaddrinfo') return `${error.message}; see HOST and DATABASE_URL.`;
  if (syscall !== undefined) return `${withoutKeys(error.message)}; see DATA_DIR.`;
  if ('errcode' in error)
    return `The database cannot be opened: ${withoutKeys(error.message)}; see DATA_DIR.`;
  if ('severity' in error || isDatabaseUnavailable(error))
    return `The database refused: ${error.message}; see DATABASE_URL.`;
  return error.stack ?? error.message;
}
