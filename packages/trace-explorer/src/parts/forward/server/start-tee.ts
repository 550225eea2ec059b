import { dirname } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../../../core/config.ts';
import type { ForwardSettings } from './forward-settings.ts';
import { ExplorerTee } from './tee.ts';

/** The tee of EXPLORER_FORWARD. */
export function startTee(config: Config, settings: ForwardSettings, logger: FastifyBaseLogger): ExplorerTee {
  const { host, port, services, allowedHosts } = config;
  const own = new Set([`http://localhost:${port}`, `http://127.0.0.1:${port}`]);
  return new ExplorerTee({
    settings,
    host,
    dataDirectory: dirname(config.storeDirectory),
    isOfPage: (origin) => own.has(origin) || allowedHosts.includes(URL.parse(origin)?.hostname ?? ''),
    services,
    logger,
  });
}
