import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { writeAttributes } from './attributes.ts';
import { encodeSpan } from './encode-span.ts';
import { ProtoWriter, varintSize } from './proto-writer.ts';

/** An encoded ExportTraceServiceRequest. Several in a row are again one: its only field is repeated. */
export interface Batch {
  readonly body: Buffer;
  /** How many spans are in it. */
  readonly spans: number;
}

/** Scopes are a handful of tracers; more than this and their buffers are not kept between batches. */
const KEPT_GROUPS = 32;

/** The spans of one tracer (resource and scope) in the batch being built. */
interface Group {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly header: Buffer;
  readonly footer: Buffer;
  readonly writer: ProtoWriter;
}

/** Collects spans, each encoded as it is added, and puts them under their resource and scope headers. */
export class BatchBuilder {
  spans = 0;
  /** Encoded size so far, without headers. */
  bytes = 0;
  #groups: Group[] = [];
  #last: Group | undefined;
  readonly #resources = new WeakMap<Resource, Buffer>();

  /** Encodes the span. Throws, leaving the batch as it was, when an attribute cannot be encoded. */
  add(span: ReadableSpan): void {
    const { writer } = this.#group(span.resource, span.instrumentationScope);
    const before = writer.length;
    try {
      encodeSpan(writer, span);
    } catch (error) {
      writer.length = before;
      throw error;
    }
    this.bytes += writer.length - before;
    this.spans++;
  }

  /** Takes out what was added, as one request; undefined when nothing was. */
  take(): Batch | undefined {
    if (this.spans === 0) return undefined;
    const filled = this.#groups.filter((group) => group.writer.length > 0);
    const parts: Buffer[] = [];
    for (const resource of new Set(filled.map((group) => group.resource))) {
      const own = filled.filter((group) => group.resource === resource);
      this.#appendResource(parts, resource, own);
    }
    const batch = { body: Buffer.concat(parts), spans: this.spans };
    this.spans = 0;
    this.bytes = 0;
    for (const group of filled) group.writer.reset();
    if (this.#groups.length > KEPT_GROUPS) {
      this.#groups = [];
      this.#last = undefined;
    }
    return batch;
  }

  #appendResource(parts: Buffer[], resource: Resource, groups: Group[]): void {
    const header = this.#resourceHeader(resource);
    const footer = schemaUrl(resource.schemaUrl);
    const sizes = groups.map((group) => group.header.length + group.writer.length + group.footer.length);
    let total = header.length + footer.length;
    for (const size of sizes) total += 1 + varintSize(size) + size;
    parts.push(prefix(0x0a, total), header);
    groups.forEach((group, index) => {
      const spans = group.writer.bytes.subarray(0, group.writer.length);
      parts.push(prefix(0x12, sizes[index] ?? 0), group.header, spans, group.footer);
    });
    parts.push(footer);
  }

  /** Encoded once a resource, unless it is still detecting attributes. */
  #resourceHeader(resource: Resource): Buffer {
    const known = this.#resources.get(resource);
    if (known) return known;
    const writer = new ProtoWriter(1024);
    writer.byte(0x0a);
    const start = writer.begin();
    writeAttributes(writer, 0x0a, resource.attributes);
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
      group = { resource, scope, header: scopeHeader(scope), footer, writer: new ProtoWriter() };
      this.#groups.push(group);
    }
    this.#last = group;
    return group;
  }
}

/** ScopeSpans.scope */
function scopeHeader(scope: InstrumentationScope): Buffer {
  const writer = new ProtoWriter(128);
  writer.byte(0x0a);
  const start = writer.begin();
  writer.byte(0x0a);
  writer.string(scope.name);
  if (scope.version) {
    writer.byte(0x12);
    writer.string(scope.version);
  }
  writer.end(start);
  return writer.toBuffer();
}

/** schema_url has the same number in ResourceSpans and ScopeSpans. */
function schemaUrl(url: string | undefined): Buffer {
  const writer = new ProtoWriter(64);
  if (url) {
    writer.byte(0x1a);
    writer.string(url);
  }
  return writer.toBuffer();
}

function prefix(tag: number, length: number): Buffer {
  const writer = new ProtoWriter(6);
  writer.byte(tag);
  writer.uint32(length);
  return writer.toBuffer();
}
