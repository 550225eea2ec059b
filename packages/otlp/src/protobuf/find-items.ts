import { LimitError, messageOf, UndecodableError } from '../errors.ts';
import { ResourceSpansFields, ScopeSpansFields } from '../fields/trace.ts';
import { ExportTraceServiceRequestFields } from '../fields/trace-service.ts';
import type { ItemRead, ItemSearch, ItemSource } from '../item-source.ts';
import { BYTES_BETWEEN_PAUSES } from '../item-source.ts';
import type { DecodeLimits } from '../limits.ts';
import { GroupCounter, itemLimitReason, sharedLimitError } from '../limits.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import type { Signal } from '../signals/signal.ts';
import { readResource, readScope } from './decode-resource.ts';
import { ProtobufReader } from './reader.ts';

const EMPTY = new Uint8Array();

/** Allowed fields per allowed value: an attribute has four. An unknown field costs time too, and takes only two bytes. */
const FIELDS_PER_VALUE = 8;

// The lists have the same numbers in the requests of all signals; a test compares the tables.
const RequestFields = ExportTraceServiceRequestFields;

/**
 * Finds the items of an export request (opentelemetry/proto/collector). Items keep views on `bytes`, so `bytes` must
 * not change afterwards.
 */
export function* findItemsInProtobuf<Item extends { readonly raw: Uint8Array }>(
  bytes: Uint8Array,
  signal: Signal<Item, unknown, unknown>,
  limits: DecodeLimits,
): ItemSearch<Item> {
  const reader = new ProtobufReader(bytes);
  const counter = new GroupCounter(limits, signal);
  const shared = new SharedReader(limits);
  const sources: ProtobufItemSource<Item>[] = [];
  let pauseAt = BYTES_BETWEEN_PAUSES;
  try {
    for (let resourceIndex = 0; !reader.done; ) {
      const tag = reader.tag();
      if (tag !== RequestFields.resourceSpans) {
        reader.skip(tag);
        continue;
      }
      counter.addGroup();
      const outer = reader.enter();
      const start = reader.position;
      const resource = shared.resource(reader);
      reader.position = start;
      for (let scopeIndex = 0; !reader.done; ) {
        const inner = reader.tag();
        if (inner !== ResourceSpansFields.scopeSpans) {
          reader.skip(inner);
          continue;
        }
        counter.addGroup();
        const outerOfScope = reader.enter();
        const { position, end } = reader;
        let raw: Uint8Array = EMPTY;
        let schemaUrl = '';
        while (!reader.done) {
          const field = reader.tag();
          if (field === ScopeSpansFields.spans) {
            counter.addItem();
            reader.skip(field);
          } else if (field === ScopeSpansFields.scope) raw = reader.slice();
          else if (field === ScopeSpansFields.schemaUrl) schemaUrl = reader.text();
          else reader.skip(field);
          if (reader.position < pauseAt) continue;
          pauseAt = reader.position + BYTES_BETWEEN_PAUSES;
          yield undefined;
        }
        reader.leave(outerOfScope);
        const place = { resourceIndex, scopeIndex: scopeIndex++, position, end };
        const group = { resource, scope: shared.scope(raw, schemaUrl), ...place };
        sources.push(new ProtobufItemSource(reader, signal, group, limits));
      }
      reader.leave(outer);
      resourceIndex++;
    }
  } catch (error) {
    if (error instanceof LimitError) throw error;
    throw new UndecodableError(
      `The body is not an OTLP ${signal.name} request in protobuf: ${messageOf(error)}`,
    );
  }
  return sources;
}

/** Reads resources and scopes, which share one allowance of values. */
class SharedReader {
  readonly #limits: DecodeLimits;
  #allowance: number;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
    this.#allowance = limits.maxSharedValues;
  }

  /** The resource of the ResourceSpans that `reader` has entered. The schema URL comes after the spans. */
  resource(reader: ProtobufReader): Resource {
    // Only the last message counts, so only the last message is read. A body may have millions.
    let rawAt = -1;
    let schemaUrlAt = -1;
    while (!reader.done) {
      const tag = reader.tag();
      if (tag === ResourceSpansFields.resource) rawAt = reader.position;
      else if (tag === ResourceSpansFields.schemaUrl) schemaUrlAt = reader.position;
      reader.skip(tag);
    }
    const { position } = reader;
    reader.position = rawAt;
    const raw: Uint8Array = rawAt < 0 ? EMPTY : reader.slice();
    reader.position = schemaUrlAt;
    const schemaUrl = schemaUrlAt < 0 ? '' : reader.text();
    reader.position = position;
    return this.#read(raw, (inner) => readResource(inner, raw, schemaUrl));
  }

  scope(raw: Uint8Array, schemaUrl: string): Scope {
    return this.#read(raw, (inner) => readScope(inner, raw, schemaUrl));
  }

  #read<T>(raw: Uint8Array, read: (reader: ProtobufReader) => T): T {
    const reader = new ProtobufReader(raw);
    const { maxItemValues } = this.#limits;
    const allowance = Math.min(this.#allowance, maxItemValues);
    reader.allowance = allowance;
    reader.fields = maxItemValues * FIELDS_PER_VALUE;
    try {
      return read(reader);
    } catch (error) {
      throw error instanceof LimitError ? sharedLimitError(this.#limits) : error;
    } finally {
      this.#allowance -= allowance - reader.allowance;
    }
  }
}

interface Group {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  /** The start of the group's content. */
  readonly position: number;
  readonly end: number;
}

class ProtobufItemSource<Item extends { readonly raw: Uint8Array }> implements ItemSource<Item> {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  readonly #reader: ProtobufReader;
  readonly #signal: Signal<Item, unknown, unknown>;
  readonly #end: number;
  readonly #limits: DecodeLimits;
  #position: number;

  constructor(
    reader: ProtobufReader,
    signal: Signal<Item, unknown, unknown>,
    group: Group,
    limits: DecodeLimits,
  ) {
    this.#reader = reader;
    this.#signal = signal;
    this.resource = group.resource;
    this.scope = group.scope;
    this.resourceIndex = group.resourceIndex;
    this.scopeIndex = group.scopeIndex;
    this.#position = group.position;
    this.#end = group.end;
    this.#limits = limits;
  }

  next(): ItemRead<Item> | string | undefined {
    const reader = this.#reader;
    reader.position = this.#position;
    reader.end = this.#end;
    reader.fields = Number.POSITIVE_INFINITY;
    while (!reader.done) {
      const tag = reader.tag();
      if (tag !== ScopeSpansFields.spans) {
        reader.skip(tag);
        continue;
      }
      reader.enter();
      this.#position = reader.end;
      return this.#read();
    }
    this.#position = this.#end;
    return undefined;
  }

  /** Reads the item that the reader has entered. Its length is known, so a bad item does not hide the next one. */
  #read(): ItemRead<Item> | string {
    const reader = this.#reader;
    const signal = this.#signal;
    const { maxItemValues } = this.#limits;
    reader.allowance = maxItemValues;
    reader.fields = maxItemValues * FIELDS_PER_VALUE;
    try {
      const item = signal.readProtobuf(reader, reader.bytes.subarray(reader.position, reader.end));
      return signal.invalidReason(item) ?? { item, values: maxItemValues - reader.allowance };
    } catch (error) {
      return error instanceof LimitError ? itemLimitReason(this.#limits, signal) : messageOf(error);
    }
  }
}
