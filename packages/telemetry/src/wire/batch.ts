import {
  ExportTraceServiceRequestFields,
  InstrumentationScopeFields,
  ProtobufWriter,
  ResourceFields,
  ResourceSpansFields,
  ScopeSpansFields,
  varintSize,
  writePlainAttributes,
} from '@tandem/otlp/encode';
import type { InstrumentationScope, Resource } from '../opentelemetry/sdk.ts';

/** What is encoded: a span or a log record, with what made it. */
export interface Deliverable {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
}

/** Appends one item as an element of its scope's list. @throws whatever reading an attribute throws */
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
  readonly header: Buffer;
  readonly footer: Buffer;
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
  readonly #resources = new WeakMap<Resource, Buffer>();

  constructor(encode: Encode<Item>) {
    this.#encode = encode;
  }

  /** Encodes the item. @throws whatever an attribute that cannot be encoded throws; the batch is then as it was */
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

  /** Takes out what was added, as one request; undefined when nothing was. */
  take(): Batch | undefined {
    if (this.items === 0) return undefined;
    const filled = this.#groups.filter((group) => group.writer.length > 0);
    const parts: Buffer[] = [];
    for (const resource of new Set(filled.map((group) => group.resource))) {
      const own = filled.filter((group) => group.resource === resource);
      this.#appendResource(parts, resource, own);
    }
    const batch = { body: Buffer.concat(parts), items: this.items };
    this.items = 0;
    this.bytes = 0;
    for (const group of filled) group.writer.reset();
    this.#groups = filled;
    this.#last = filled[0];
    return batch;
  }

  #appendResource(parts: Buffer[], resource: Resource, groups: Group[]): void {
    const header = this.#resourceHeader(resource);
    const footer = schemaUrl(resource.schemaUrl);
    const sizes = groups.map((group) => group.header.length + group.writer.length + group.footer.length);
    let total = header.length + footer.length;
    for (const size of sizes) total += 1 + varintSize(size) + size;
    parts.push(prefix(ExportTraceServiceRequestFields.resourceSpans, total), header);
    groups.forEach((group, index) => {
      const items = group.writer.bytes.subarray(0, group.writer.length);
      parts.push(
        prefix(ResourceSpansFields.scopeSpans, sizes[index] ?? 0),
        group.header,
        items,
        group.footer,
      );
    });
    parts.push(footer);
  }

  /** Encoded once per resource, unless it is still detecting attributes. */
  #resourceHeader(resource: Resource): Buffer {
    const known = this.#resources.get(resource);
    if (known) return known;
    const writer = new ProtobufWriter(1024);
    const start = writer.begin(ResourceSpansFields.resource);
    writePlainAttributes(writer, ResourceFields.attributes, resource.attributes);
    writer.end(start);
    const header = writer.toBuffer();
    if (!resource.asyncAttributesPending) this.#resources.set(resource, header);
    return header;
  }

  #group(resource: Resource, scope: InstrumentationScope): Group {
    const last = this.#last;
    if (last?.scope === scope && last.resource === resource) return last;
    let group = this.#groups.find((each) => each.scope === scope && each.resource === resource);
    if (!group) {
      const footer = schemaUrl(scope.schemaUrl);
      group = { resource, scope, header: scopeHeader(scope), footer, writer: new ProtobufWriter() };
      this.#groups.push(group);
    }
    this.#last = group;
    return group;
  }
}

/** ScopeSpans.scope */
function scopeHeader(scope: InstrumentationScope & { readonly attributes?: object }): Buffer {
  const writer = new ProtobufWriter(128);
  const start = writer.begin(ScopeSpansFields.scope);
  writer.string(InstrumentationScopeFields.name, scope.name);
  if (scope.version) writer.string(InstrumentationScopeFields.version, scope.version);
  if (scope.attributes) writePlainAttributes(writer, InstrumentationScopeFields.attributes, scope.attributes);
  writer.end(start);
  return writer.toBuffer();
}

/** schema_url has the same number in ResourceSpans and ScopeSpans. */
function schemaUrl(url: string | undefined): Buffer {
  const writer = new ProtobufWriter(64);
  if (url) writer.string(ScopeSpansFields.schemaUrl, url);
  return writer.toBuffer();
}

/** What stands before a message of that length. */
function prefix(tag: number, length: number): Buffer {
  const writer = new ProtobufWriter(10);
  writer.uint32(tag, length);
  return writer.toBuffer();
}
