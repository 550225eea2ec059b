import { existsSync } from 'node:fs';
import { HONEYCOMB_EU, HONEYCOMB_US } from '../../../process/secrets/honeycomb.ts';
import type { AcceptedKey, KeyCheck, RefusedKey, UncheckedKey } from './check-key.ts';
import { describeMalformedKey, EXPECTED_FORM } from './key-form.ts';
import { nameEndpoint } from './parse-endpoint.ts';

/** Files that Docker and Podman put into each container. */
const OF_CONTAINER = ['/.dockerenv', '/run/.containerenv'];

/**
 * Says in one line whether spans will reach Honeycomb, or what to mend.
 * @param isContainer whether the process runs in a container
 */
export function describeKeyCheck(
  check: KeyCheck,
  isContainer = OF_CONTAINER.some((file) => existsSync(file)),
): string {
  switch (check.kind) {
    case 'no-key': {
      const how = isContainer ? ' (docker compose up -d, as a restart keeps the old environment)' : '';
      return `Honeycomb: no key. To send spans there, set HONEYCOMB_API_KEY=<your key>, for instance in .env, and start again${how}.`;
    }
    case 'malformed':
      return `Honeycomb: key malformed. HONEYCOMB_API_KEY ${describeMalformedKey(check.reason, check.length)}`;
    case 'bad-endpoint':
      return `Honeycomb: not asked. ${check.problem}.`;
    case 'dataset-missing':
      return 'Honeycomb: dataset missing. HONEYCOMB_API_KEY is a classic key, which needs HONEYCOMB_DATASET=<name of the dataset>.';
    case 'refused':
      return describeRefused(check);
    case 'accepted':
      return describeAccepted(check);
    case 'unchecked':
      return describeUnchecked(check);
  }
}

function describeUnchecked({ endpoint, status, detail }: UncheckedKey): string {
  const said = detail === undefined ? '' : ` ("${detail}")`;
  return `Honeycomb: key not checked. Answer of ${nameEndpoint(endpoint)}: ${status ?? 'none'}${said}; ${adviceFor(status)}`;
}

function describeRefused({ endpoint, form, length, detail }: RefusedKey): string {
  const said = detail === undefined ? '' : ` ("${detail}")`;
  const advice = {
    US: `If your team is in the EU, set HONEYCOMB_API_ENDPOINT=${HONEYCOMB_EU}; otherwise make a new key.`,
    EU: `If your team is in the US, set HONEYCOMB_API_ENDPOINT=${HONEYCOMB_US}; otherwise make a new key.`,
    other: `HONEYCOMB_API_ENDPOINT is neither ${HONEYCOMB_US} (US) nor ${HONEYCOMB_EU} (EU): is that meant? Otherwise make a new key.`,
  }[endpoint.region];
  const doubt =
    form === 'unknown'
      ? ` Its form is none that Honeycomb documents (${length} characters). ${EXPECTED_FORM}`
      : '';
  return `Honeycomb: key refused (401) by ${nameEndpoint(endpoint)}${said}. ${advice}${doubt}`;
}

function describeAccepted(check: AcceptedKey): string {
  const where = check.environment === undefined ? 'classic' : `environment ${check.environment}`;
  const notes = [
    check.mayIngest
      ? 'may send events'
      : 'but may NOT send events: make an ingest key, or allow "Send events" for this one',
  ];
  if (check.mayIngest && !check.mayCreateDatasets) {
    notes.push('may not create datasets, so each service needs one that already exists');
  }
  if (check.expiresAt !== undefined) notes.push(`stops working at ${check.expiresAt}`);
  if (check.datasetIgnored) notes.push('HONEYCOMB_DATASET is set but only classic keys use it: remove it');
  return `Honeycomb: key accepted by ${nameEndpoint(check.endpoint)}: team ${check.team}, ${where}; ${notes.join('; ')}.`;
}

function adviceFor(status: number | undefined): string {
  if (status === undefined)
    return 'check HONEYCOMB_API_ENDPOINT and the network; a proxy that inspects TLS needs NODE_EXTRA_CA_CERTS.';
  if (status === 403) return 'Honeycomb knows the key but does not allow it, or a proxy is in between.';
  if (status === 429) return 'too many requests, try again in a minute.';
  if (status >= 500) return 'see https://status.honeycomb.io and try again.';
  if (status >= 300 && status < 400) return 'it redirects elsewhere; correct HONEYCOMB_API_ENDPOINT.';
  return `this is not Honeycomb's API; HONEYCOMB_API_ENDPOINT should be ${HONEYCOMB_US} (US) or ${HONEYCOMB_EU} (EU).`;
}
