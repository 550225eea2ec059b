import {
  ExportTraceServiceRequestFields,
  InstrumentationScopeFields,
  ProtobufWriter,
  ResourceFields,
  ResourceSpansFields,
  ScopeSpansFields,
  writePlainAttributes,
} from '@tandem/otlp/encode';
import type { InstrumentationScope, Resource } from '../opentelemetry/sdk.ts';

/** Room for the headers of a usual batch. */
const HEADER_BYTES = 4 * 1024;

/** The usual batch, and its usual scope, have between 16 KiB and 2 MiB. */
const LENGTH_BYTES = 3;

/** A span or a log record to encode, with its origin. */
export interface Deliverable {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
}

/** Appends one item as an element of its scope's list. @throws any error of reading an attribute */
export type Encode<Item> = (writer: ProtobufWriter, item: Item) => void;

/** An encoded export request of one signal. Several in a row are again one: its only field is repeated. */
export interface Batch {
  readonly body: Buffer;
  /** How many spans or log records are in it. */
  readonly items: number;
}

/** The items of one tracer or logger (resource and scope) in the batch being built. */
interface Group {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly writer: ProtobufWriter;
}

/**
 * Collects items, each encoded as it is added, and puts them under their resource and scope headers. These have the same
 * field numbers for all signals.
 */
export class BatchBuilder<Item extends Deliverable> {
  readonly #encode: Encode<Item>;
  items = 0;
  /** Encoded size so far, without headers. */
  bytes = 0;
  #groups: Group[] = [];
  #last: Group | undefined;

  constructor(encode: Encode<Item>) {
    this.#encode = encode;
  }

  /** Encodes the item. @throws any error of reading an attribute; the batch is then as it was */
  add(item: Item): void {
    const { writer } = this.#group(item.resource, item.instrumentationScope);
    const before = writer.length;
    try {
      this.#encode(writer, item);
    } catch (error) {
      writer.length = before;
      throw error;
    }
    this.bytes += writer.length - before;
    this.items++;
  }

  /** Takes all items out, as one request; undefined when there are none. */
  take(): Batch | undefined {
    if (this.items === 0) return undefined;
    const filled = this.#groups.filter(({ writer }) => writer.length > 0);
    const out = new ProtobufWriter(this.bytes + HEADER_BYTES);
    for (const resource of new Set(filled.map((group) => group.resource))) {
      const start = out.begin(ExportTraceServiceRequestFields.resourceSpans, LENGTH_BYTES);
      const own = out.begin(ResourceSpansFields.resource);
      writePlainAttributes(out, ResourceFields.attributes, resource.attributes);
      out.end(own);
      for (const group of filled) if (group.resource === resource) appendGroup(out, group);
      if (resource.schemaUrl) out.string(ResourceSpansFields.schemaUrl, resource.schemaUrl);
      out.end(start, LENGTH_BYTES);
    }
    const batch = { body: out.bytes.subarray(0, out.length), items: this.items };
    this.items = 0;
    this.bytes = 0;
    for (const group of filled) group.writer.reset();
    this.#groups = filled;
    this.#last = filled[0];
    return batch;
  }

  #group(resource: Resource, scope: InstrumentationScope): Group {
    const last = this.#last;
    if (last?.scope === scope && last.resource === resource) return last;
    let group = this.#groups.find((each) => each.scope === scope && each.resource === resource);
    if (!group) {
      group = { resource, scope, writer: new ProtobufWriter() };
      this.#groups.push(group);
    }
    this.#last = group;
    return group;
  }
}

/** Appends the ScopeSpans of a group. */
function appendGroup(out: ProtobufWriter, { scope, writer }: Group): void {
  const start = out.begin(ResourceSpansFields.scopeSpans, LENGTH_BYTES);
  appendScope(out, scope);
  out.raw(writer.bytes.subarray(0, writer.length));
  if (scope.schemaUrl) out.string(ScopeSpansFields.schemaUrl, scope.schemaUrl);
  out.end(start, LENGTH_BYTES);
}

/** ScopeSpans.scope */
function appendScope(
  out: ProtobufWriter,
  scope: InstrumentationScope & { readonly attributes?: object },
): void {
  const start = out.begin(ScopeSpansFields.scope);
  out.string(InstrumentationScopeFields.name, scope.name);
  if (scope.version) out.string(InstrumentationScopeFields.version, scope.version);
  if (scope.attributes) writePlainAttributes(out, InstrumentationScopeFields.attributes, scope.attributes);
  out.end(start);
}
