import { explainStartFailure } from '@tandem/service-kit/http';
import { StoreOpenError } from './store/store-error.ts';

/** The error of a server that cannot listen. It names the variable to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  readonly variable: string;
  readonly port: number;
  readonly isInUse: boolean;

  constructor(variable: string, host: string, port: number, cause: unknown) {
    const code = codeOf(cause);
    super(describe(variable, host, port, code), { cause });
    this.variable = variable;
    this.port = port;
    this.isInUse = code === 'EADDRINUSE';
  }
}

/** The reason that the explorer does not start: one line for a person. A stack only when the cause is unknown. */
export function explainFailure(error: unknown): string {
  if (error instanceof ListenError) return error.message;
  if (error instanceof StoreOpenError) return error.message.replace(/\s+/g, ' '); // DuckDB's has several lines
  return explainStartFailure(error);
}

function describe(variable: string, host: string, port: number, code: string): string {
  const orOff = variable === 'OTLP_GRPC_PORT' ? ', or to off' : '';
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is already in use; stop its program, or set ${variable} to another port${orOff}.`;
    case 'EACCES':
      return `This user may not open port ${port} on ${host}; set ${variable} to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST must be an address of this machine such as 127.0.0.1 or 0.0.0.0, not "${host}".`;
    default:
      return `Cannot listen on ${host}, port ${port} (${code}); see HOST and ${variable}.`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
