import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { get as getSecure } from 'node:https';
import type { LookupFunction } from 'node:net';
import { BlockList } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseDocuments } from '../../traces/forms/foreign/foreign-documents.ts';
import { MAX_FOREIGN_BYTES } from '../../traces/forms/foreign/not-read.ts';
import { CliError } from '../client/explorer-client.ts';

const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 30_000;

/** Addresses of this machine, of private networks, and of networks that lead to these or to nobody (RFC 6890, RFC 7526, RFC 8215). */
const PRIVATE = new BlockList();
for (const network of [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16',
  '198.18.0.0/15 224.0.0.0/4 240.0.0.0/4 ::/96 64:ff9b::/96 64:ff9b:1::/48 2002::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8',
].flatMap((line) => line.split(' '))) {
  const [net = '', prefix] = network.split('/');
  PRIVATE.addSubnet(net, Number(prefix), net.includes(':') ? 'ipv6' : 'ipv4');
}

/** Host names that are for private networks only. */
const PRIVATE_NAME = /^[^.]+$|\.(?:localhost|local|internal|lan|home\.arpa|svc)$/i;

/**
 * A trace from an address that answers with OTLP JSON, as Jaeger's `/api/v3/traces/ID` and Tempo's `/api/v2/traces/ID` do.
 *
 * @param resolve finds all addresses of a name
 * @returns its documents, each the body of a request
 * @throws CliError with the reason why the address or its answer is refused
 */
export async function fetchDocuments(address: string, resolve: Resolve = resolveAll): Promise<string[]> {
  const given = URL.parse(address);
  if (given === null) throw new CliError(`${JSON.stringify(withoutKeys(address))} is not an address.`);
  let url = given;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await ask(url, resolve);
    const { statusCode = 0, headers } = response;
    if (statusCode < 300 || statusCode > 399 || headers.location === undefined) {
      if (statusCode !== 200) throw refused(url, response, `it answered ${statusCode}`);
      return documentsIn(url, response, await bodyOf(url, response));
    }
    response.destroy();
    const next = URL.parse(headers.location, url.href);
    if (next === null) throw refused(url, response, 'it redirects to what is not an address');
    if (!/^https?:$/.test(next.protocol))
      throw refused(
        url,
        response,
        `it redirects to an address of ${next.protocol}, which import does not read`,
      );
    // Another port is another program. It must not get the user and the password.
    if (next.host !== url.host || (next.protocol !== url.protocol && next.protocol !== 'https:'))
      throw refused(url, response, `it redirects to ${next.origin}. Name that address if you trust it`);
    [next.username, next.password] = [url.username, url.password];
    url = next;
  }
  throw new CliError(`${withoutKeys(url)}: it redirects more than ${MAX_REDIRECTS} times.`);
}

function documentsIn(url: URL, response: IncomingMessage, answer: string): string[] {
  try {
    const found = parseDocuments(answer);
    if (found.length > 0) return found;
  } catch (error) {
    throw refused(url, response, (error as Error).message.replace(/\.$/, ''));
  }
  const known = 'Jaeger does at /api/v3/traces/ID, Tempo at /api/v2/traces/ID';
  throw refused(url, response, `it did not answer with OTLP JSON. ${known}`);
}

function ask(url: URL, resolve: Resolve): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? getSecure : get;
  return new Promise((answer, reject) => {
    request(
      url,
      {
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        lookup: lookupWith(resolve, PRIVATE_NAME.test(url.hostname)),
      },
      answer,
    ).once('error', ({ message, name }) => {
      const reason = name === 'AbortError' ? 'it did not answer in time' : message;
      reject(new CliError(`${withoutKeys(url)}: ${reason}.`));
    });
  });
}

type Resolve = (name: string) => Promise<LookupAddress[]>;

const resolveAll: Resolve = (name) => lookup(name, { all: true });

/** Finds the addresses of a name. Refuses a public name with a private address, because the name's owner chooses the addresses. */
function lookupWith(resolve: Resolve, mayBePrivate: boolean): LookupFunction {
  return (name, { all }, found) => {
    resolve(name).then(
      (addresses) => {
        const [wrong, first] = [addresses.find(isPrivate), addresses[0]];
        if (wrong !== undefined && !mayBePrivate)
          found(
            new Error(
              `${name} leads to ${wrong.address}, which is private. Name that address if you mean it`,
            ),
            '',
          );
        else if (all) found(null, addresses);
        else found(null, first?.address ?? '', first?.family);
      },
      (error) => found(error, ''),
    );
  };
}

function isPrivate({ address, family }: LookupAddress): boolean {
  return PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

async function bodyOf(url: URL, response: IncomingMessage): Promise<string> {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_FOREIGN_BYTES) response.destroy();
  });
  const body = await text(response).catch((error: Error) => error);
  if (bytes > MAX_FOREIGN_BYTES)
    throw refused(url, response, `it answered with more than ${MAX_FOREIGN_BYTES / 2 ** 20} MiB`);
  if (typeof body === 'string') return body;
  throw refused(url, response, `the answer ended early (${body.message})`);
}

function refused(url: URL, response: IncomingMessage, reason: string): CliError {
  response.destroy();
  return new CliError(`${withoutKeys(url)}: ${reason}.`);
}

/** An address without what may hold a key: user, password and query. Also of a text that is not an address. */
export function withoutKeys(address: string | URL): string {
  const text = String(address);
  const url = URL.parse(text);
  if (url !== null) return url.origin + url.pathname;
  const [begin, end] = [text.indexOf('//'), text.lastIndexOf('@')];
  const withoutUser = begin >= 0 && begin < end ? text.slice(0, begin + 2) + text.slice(end + 1) : text;
  return withoutUser.replace(/\?.*/su, '');
}
