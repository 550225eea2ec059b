import type { Baggage, BaggageEntry } from '@opentelemetry/api';
import { baggageEntryMetadataFromString, propagation } from '@opentelemetry/api';
import { trimWhiteSpace } from './white-space.ts';

/** What the W3C Baggage specification asks every platform to carry; more is dropped. */
const MAX_MEMBERS = 64;
const MAX_BYTES = 8192;

/** Baggage members that were not carried, by reason. */
export interface DroppedBaggage {
  /** Beyond the 64th. */
  tooMany: number;
  /** Beyond 8192 bytes. */
  tooLarge: number;
  /** Not of the form `key=value;property`. */
  malformed: number;
}

/**
 * Reads a W3C `baggage` header. Members beyond 64 or 8192 bytes and malformed ones are left out whole and counted in
 * `dropped`. Of a key that comes twice, the last counts. Undefined when nothing is left.
 */
export function parseBaggage(header: string, dropped: DroppedBaggage): Baggage | undefined {
  // Without a prototype, so that no key means anything else.
  const entries: Record<string, BaggageEntry> = Object.create(null);
  const limits = new Limits(dropped);
  for (let start = 0; start <= header.length; ) {
    let end = header.indexOf(',', start);
    if (end === -1) end = header.length;
    const member = trimWhiteSpace(header, start, end);
    start = end + 1;
    if (member === '') continue;
    const parsed = parseMember(member);
    if (parsed === undefined) dropped.malformed++;
    else if (limits.allow(member.length)) entries[parsed.key] = parsed.entry;
  }
  return limits.members === 0 ? undefined : propagation.createBaggage(entries);
}

/** Writes a W3C `baggage` header; empty when there is nothing to send. Leaves out and counts as `parseBaggage` does. */
export function formatBaggage(baggage: Baggage, dropped: DroppedBaggage): string {
  let header = '';
  const limits = new Limits(dropped);
  for (const [key, { value, metadata }] of baggage.getAllEntries()) {
    if (!TOKEN.test(key)) {
      dropped.malformed++;
      continue;
    }
    const properties = metadata?.toString() ?? '';
    const member = `${key}=${percentEncode(value)}${properties === '' ? '' : `;${clean(properties)}`}`;
    if (limits.allow(member.length)) header += header === '' ? member : `,${member}`;
  }
  return header;
}

class Limits {
  members = 0;
  readonly #dropped: DroppedBaggage;
  #bytes = 0;

  constructor(dropped: DroppedBaggage) {
    this.#dropped = dropped;
  }

  /** Takes a member of this length in, or counts why not. All characters are ASCII, so lengths are bytes. */
  allow(length: number): boolean {
    const bytes = this.#bytes + length + (this.members === 0 ? 0 : 1);
    if (this.members === MAX_MEMBERS) this.#dropped.tooMany++;
    else if (bytes > MAX_BYTES) this.#dropped.tooLarge++;
    else {
      this.members++;
      this.#bytes = bytes;
      return true;
    }
    return false;
  }
}

/** A `token` of RFC 9110. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Values and properties may have any printable ASCII: spaces and quotes are not legal, but people type them, and what
 * is sent on is encoded.
 */
const PRINTABLE = /^[\t -~]*$/;

function parseMember(member: string): { key: string; entry: BaggageEntry } | undefined {
  const semicolon = member.indexOf(';');
  const end = semicolon === -1 ? member.length : semicolon;
  const equals = member.indexOf('=');
  if (equals === -1 || equals > end) return undefined;
  const key = trimWhiteSpace(member, 0, equals);
  if (!TOKEN.test(key) || !PRINTABLE.test(member)) return undefined;
  const value = percentDecode(trimWhiteSpace(member, equals + 1, end));
  const properties = trimWhiteSpace(member, end + 1);
  if (properties === '') return { key, entry: { value } };
  return { key, entry: { value, metadata: baggageEntryMetadataFromString(properties) } };
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

function percentDecode(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    // Octets that are not UTF-8 become U+FFFD; a percent sign without two digits stays one.
    return value.replace(/(?:%[0-9a-f]{2})+/gi, (octets) =>
      UTF8.decode(Buffer.from(octets.replaceAll('%', ''), 'hex')),
    );
  }
}

function percentEncode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Properties are the caller's to encode; what could end the member or the header is encoded all the same. */
function clean(properties: string): string {
  return properties.toWellFormed().replace(/[^\t -+\--~]/gu, encodeURIComponent);
}
