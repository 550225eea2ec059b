import { PAGE_PORT } from '../../packages/trace-explorer/src/core/live-explorers.ts';

/** The addresses of the workspace's parts. A part listens on its address's port, so one variable moves server and clients. */
export interface Addresses {
  /** The address where commands ask the explorer. */
  readonly page: URL;
  /** The address for browsers, perhaps a proxy's: https://4567-….gitpod.io. */
  readonly api: URL;
  readonly userLookup: URL;
  readonly otlp: URL;
}

/** Ports of addresses that name none, or another machine. */
const PORTS: Readonly<Record<keyof Addresses, number>> = {
  page: PAGE_PORT,
  api: 4567,
  userLookup: 4568,
  otlp: 4318,
};

/** @throws Error naming the variable that is not a URL */
export function readAddresses(env: NodeJS.ProcessEnv): Addresses {
  return {
    page: url(env, 'EXPLORER_URL', PORTS.page),
    api: url(env, 'BACKEND_URL', PORTS.api),
    userLookup: url(env, 'USER_LOOKUP_URL', PORTS.userLookup),
    otlp: new URL(`http://localhost:${env.OTLP_PORT || PORTS.otlp}`),
  };
}

/** The port of the explorer's OTLP/gRPC receiver, by its own variable; undefined when it is switched off. */
export function grpcPortOf({ OTLP_GRPC_PORT }: NodeJS.ProcessEnv): number | undefined {
  if (OTLP_GRPC_PORT === 'off') return undefined;
  return Number(OTLP_GRPC_PORT || 4317) || undefined;
}

function url(env: NodeJS.ProcessEnv, name: string, port: number): URL {
  const otherwise = `http://localhost:${port}`;
  const value = env[name] || otherwise;
  const parsed = URL.parse(value);
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw new Error(`${name} must be a URL like ${otherwise}, not ${JSON.stringify(value)}.`);
}

/** A part's port on this machine. The port in another machine's address is a proxy's. */
export function portOf(addresses: Addresses, part: keyof Addresses): number {
  const { hostname, port, protocol } = addresses[part];
  if (!isLocal(hostname)) return PORTS[part];
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

/** A part's address on this machine. */
export function localUrl(addresses: Addresses, part: keyof Addresses): string {
  return `http://localhost:${portOf(addresses, part)}`;
}

/** True for a host name or address of this machine, as in a URL. */
function isLocal(host: string): boolean {
  return /^(?:.+\.)?localhost$|^127(?:\.\d{1,3}){3}$|^\[?::1\]?$/.test(host);
}
