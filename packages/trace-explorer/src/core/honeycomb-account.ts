import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { boundedText } from '@tandem/telemetry/workspace';
import type { Static } from 'typebox';
import Type from 'typebox';
import { documented } from '../http/documented.ts';

/** The account of the services' key, as Honeycomb named it to the service. Slugs; never the key. */
const HoneycombAccount = Type.Object({
  team: Type.String(),
  environment: Type.String({ description: 'empty for classic teams' }),
  region: Type.Enum(['us', 'eu', 'other'], {
    description: 'other: a proxy such as Refinery is between',
  }),
});

export type HoneycombAccount = Static<typeof HoneycombAccount>;

const Answer = Type.Object({
  account: Type.Optional({ ...HoneycombAccount, description: 'absent when no service names one' }),
});

/** Milliseconds for a service's answer. The service runs on the same machine. */
const TIMEOUT_MS = 1000;
/** Bytes of a service's answer. Another program may listen at its address. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * `GET /api/honeycomb`: the account for links to Honeycomb. It is read from the services' metrics; nothing is sent to
 * Honeycomb.
 * Option `services` has their base URLs.
 */
export const honeycombRoutes: FastifyPluginAsyncTypebox<{ services: readonly string[] }> = async (
  app,
  { services },
) => {
  app.get(
    '/api/honeycomb',
    documented(
      'status',
      'The account of the services’ Honeycomb key, after Honeycomb has accepted the key',
      Answer,
    ),
    async function showAccount() {
      const accounts = await Promise.all(services.map(readAccount));
      const account = accounts.find((each) => each !== undefined);
      return account === undefined ? {} : { account };
    },
  );
};

/** The account that a service's metrics name; undefined for none, and for a service that does not answer. */
export async function readAccount(service: string): Promise<HoneycombAccount | undefined> {
  try {
    const response = await fetch(new URL('/metrics', service), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
      headers: { accept: 'text/plain' },
    });
    return response.ok ? accountIn(await boundedText(response, MAX_BYTES)) : undefined;
  } catch {
    return undefined; // the service does not run
  }
}

/** The account in Prometheus' text format: `tandem_honeycomb_info{team="bees",environment="test",region="us"} 1`. */
export function accountIn(metrics: string): HoneycombAccount | undefined {
  const [, labels = ''] = /^tandem_honeycomb_info\{(.*)\} \S+$/mu.exec(metrics) ?? [];
  const pairs = labels.matchAll(/\b(\w+)="((?:\\.|[^"\\])*)"/gu);
  const values = new Map([...pairs].map(([, name, text = '']) => [name, text.replace(/\\(.)/gu, '$1')]));
  const team = values.get('team') ?? '';
  const region = values.get('region');
  if (team === '') return undefined;
  return {
    team,
    environment: values.get('environment') ?? '',
    region: region === 'us' || region === 'eu' ? region : 'other',
  };
}
