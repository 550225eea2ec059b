import type {
  Baggage,
  BaggageEntry,
  Context,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { baggageEntryMetadataFromString, propagation } from '@opentelemetry/api';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';

const BAGGAGE = 'baggage';

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
 * Carries baggage as the W3C `baggage` header. Members beyond 64 or 8192 bytes and malformed ones are left out whole and
 * counted. Of a key that comes twice, the last counts.
 */
export class BaggagePropagator implements TextMapPropagator {
  readonly #dropped: DroppedBaggage = { tooMany: 0, tooLarge: 0, malformed: 0 };

  /** Members that were not carried since the start. */
  get dropped(): Readonly<DroppedBaggage> {
    return this.#dropped;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const baggage = propagation.getBaggage(context);
    if (baggage === undefined || isTracingSuppressed(context)) return;
    const header = this.#format(baggage);
    if (header !== '') setter.set(carrier, BAGGAGE, header);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const value = getter.get(carrier, BAGGAGE);
    const header = Array.isArray(value) ? value.join(',') : value;
    if (typeof header !== 'string' || header === '') return context;
    const baggage = this.#parse(header);
    return baggage === undefined ? context : propagation.setBaggage(context, baggage);
  }

  fields(): string[] {
    return [BAGGAGE];
  }

  /** Undefined when nothing is left. */
  #parse(header: string): Baggage | undefined {
    // Without a prototype, so that no key means anything else.
    const entries: Record<string, BaggageEntry> = Object.create(null);
    const isWithinLimits = limits(this.#dropped);
    for (const text of header.split(',')) {
      const member = PRINTABLE.test(text) ? text.trim() : text;
      if (member === '') continue;
      const parsed = parseMember(member);
      if (parsed === undefined) this.#dropped.malformed++;
      else if (isWithinLimits(member.length)) entries[parsed.key] = parsed.entry;
    }
    return Object.keys(entries).length === 0 ? undefined : propagation.createBaggage(entries);
  }

  /** Empty when there is nothing to send. */
  #format(baggage: Baggage): string {
    const members: string[] = [];
    const isWithinLimits = limits(this.#dropped);
    for (const [key, { value, metadata }] of baggage.getAllEntries()) {
      const properties = metadata?.toString() ?? '';
      const member = `${key}=${encode(value)}${properties === '' ? '' : `;${clean(properties)}`}`;
      if (!TOKEN.test(key)) this.#dropped.malformed++;
      else if (isWithinLimits(member.length)) members.push(member);
    }
    return members.join(',');
  }
}

/** Takes members of these lengths in, or counts why not. All characters are ASCII, so lengths are bytes. */
function limits(dropped: DroppedBaggage): (length: number) => boolean {
  let members = 0;
  let bytes = -1; // no comma stands before the first one
  return (length) => {
    if (members === MAX_MEMBERS) dropped.tooMany++;
    else if (bytes + 1 + length > MAX_BYTES) dropped.tooLarge++;
    else {
      members++;
      bytes += 1 + length;
      return true;
    }
    return false;
  };
}

/** A `token` of RFC 9110. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Values and properties may have any printable ASCII: spaces and quotes are not legal, but people type them, and what
 * is sent on is encoded. White space is then spaces and tabs only, which `trim` removes.
 */
const PRINTABLE = /^[\t -~]*$/;

const MEMBER = /^([^=;]*)=([^;]*)(?:;(.*))?$/;

function parseMember(member: string): { key: string; entry: BaggageEntry } | undefined {
  const [, key, value = '', properties = ''] = PRINTABLE.test(member) ? (MEMBER.exec(member) ?? []) : [];
  if (key === undefined || !TOKEN.test(key.trim())) return undefined;
  const entry: BaggageEntry = { value: decode(value.trim()) };
  if (properties.trim() !== '') entry.metadata = baggageEntryMetadataFromString(properties.trim());
  return { key: key.trim(), entry };
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Octets that are not UTF-8 become U+FFFD; a percent sign without two digits stays one.
    return value.replace(/(?:%[0-9a-f]{2})+/gi, (octets) =>
      UTF8.decode(Buffer.from(octets.replaceAll('%', ''), 'hex')),
    );
  }
}

function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Properties are the caller's to encode; what could end the member or the header is encoded all the same. */
function clean(properties: string): string {
  return properties.toWellFormed().replace(/[^\t -+\--~]/gu, encodeURIComponent);
}
