import { isIP } from 'node:net';
import { isThisMachine } from '../server/host-names.ts';
import { ConfigError } from './config-error.ts';

/** Who reaches a server, and what of it. */
export interface Reach {
  /** Addresses of the balancers whose `X-Forwarded-*` headers count; none when left out. */
  readonly trustProxy?: readonly string[];
  /** Names, besides those of this machine, that requests may be addressed to; any when left out. */
  readonly allowedHosts?: readonly string[];
  /** Whether /metrics is there; it is when left out. */
  readonly metrics?: boolean;
  /** Whether /documentation is there; it is when left out. */
  readonly documentation?: boolean;
}

/** The variables that say so, as `commonSettings` reads them. */
interface ReachSettings {
  readonly HOST: string;
  readonly TRUST_PROXY?: string;
  readonly ALLOWED_HOSTS?: string;
  readonly EXPOSE_METRICS?: boolean;
  readonly EXPOSE_DOCUMENTATION?: boolean;
}

/**
 * What the settings make of it. A server that listens on loopback answers for this machine's names only, against
 * pages whose name a stranger's DNS points here. Metrics and documentation are there on loopback; elsewhere only when
 * asked for, because the port may be a public one.
 * @param ownNames names of the server that it knows from elsewhere
 * @throws ConfigError naming TRUST_PROXY, for what is neither an address nor a network
 */
export function readReach(settings: ReachSettings, ownNames: readonly string[] = []): Reach {
  const isLocal = isThisMachine(settings.HOST);
  const named = listOf(settings.ALLOWED_HOSTS);
  const trustProxy = listOf(settings.TRUST_PROXY);
  const wrong = trustProxy.find((entry) => !isAddressOrNetwork(entry));
  if (wrong !== undefined)
    throw new ConfigError(
      'TRUST_PROXY',
      `TRUST_PROXY has ${JSON.stringify(wrong)}; expected addresses or networks such as 10.0.0.5, 10.0.0.0/8 or loopback.`,
    );
  return {
    trustProxy,
    ...(isLocal || named.length > 0 ? { allowedHosts: [...named, ...ownNames] } : {}),
    metrics: settings.EXPOSE_METRICS ?? isLocal,
    documentation: settings.EXPOSE_DOCUMENTATION ?? isLocal,
  };
}

function listOf(text = ''): string[] {
  return text.split(',').flatMap((entry) => entry.trim() || []);
}

/** Names that Fastify knows for networks. */
const NETWORKS = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isAddressOrNetwork(entry: string): boolean {
  const [address = '', bits, ...more] = entry.split('/');
  const version = isIP(address);
  if (NETWORKS.has(entry) || (version !== 0 && bits === undefined)) return true;
  // A network of 0 bits would be everybody: whoever asks could say who he is.
  const isLength =
    bits !== undefined && /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
  return version !== 0 && isLength && more.length === 0;
}
