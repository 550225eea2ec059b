import type { JsonFields } from '../json/json-fields.ts';
import type { SignalWords } from '../limits.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import type { ProtobufReader } from '../protobuf/reader.ts';

/**
 * The differences between OTLP's signals. Requests of all signals have one shape: groups by resource, within them groups by
 * scope, within them the items. In protobuf these lists have the same field numbers for all signals.
 */
export interface Signal<Item extends { readonly raw: Uint8Array }, Group, Request> extends SignalWords {
  /** The adjective of "an OTLP trace request". */
  readonly name: string;
  /** Reads the message that `reader` has entered; `raw` is the same bytes. */
  readProtobuf(reader: ProtobufReader, raw: Uint8Array): Item;
  /** Reads a message, with its encoding in protobuf. */
  readJson(fields: JsonFields): Item;
  /** The reason to refuse an item; undefined for a valid one. */
  invalidReason(item: Item): string | undefined;
  group(resource: Resource, scope: Scope, items: readonly Item[]): Group;
  request(groups: readonly Group[], count: number, rejected: number, reason: string): Request;
}
