import type { JsonFields } from '../json/json-fields.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import type { ProtobufReader } from '../protobuf/reader.ts';

/**
 * What tells OTLP's signals apart. Their requests have one shape: groups by resource, in them groups by scope, in them
 * the items; and in protobuf these lists have the same field numbers for all signals.
 */
export interface Signal<Item extends { readonly raw: Uint8Array }, Group, Request> {
  /** As in "an OTLP trace request". */
  readonly name: string;
  /** One of its items, for people. */
  readonly item: string;
  /** What an item holds, for people. */
  readonly itemValues: string;
  /** The lists' names in JSON, from the outside in. */
  readonly lists: { readonly resources: string; readonly scopes: string; readonly items: string };
  /** Reads the message that `reader` has entered; `raw` is the same bytes. */
  readProtobuf(reader: ProtobufReader, raw: Uint8Array): Item;
  /** Reads a message, with its encoding in protobuf. */
  readJson(fields: JsonFields): Item;
  /** Why an item cannot be kept; undefined when it can. */
  invalidReason(item: Item): string | undefined;
  group(resource: Resource, scope: Scope, items: readonly Item[]): Group;
  request(groups: readonly Group[], count: number, rejected: number, reason: string): Request;
}

export type AnySignal = Signal<{ readonly raw: Uint8Array }, unknown, unknown>;
