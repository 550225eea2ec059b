import { LimitError, messageOf, UndecodableError } from '../errors.ts';
import { ResourceSpansFields, ScopeSpansFields } from '../fields/trace.ts';
import { ExportTraceServiceRequestFields } from '../fields/trace-service.ts';
import { GroupCounter, sharedLimitError, spanLimitReason } from '../group-counter.ts';
import { invalidSpanReason } from '../ids.ts';
import type { DecodeLimits } from '../limits.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import type { SpanRead, SpanSearch, SpanSource } from '../span-source.ts';
import { BYTES_BETWEEN_PAUSES } from '../span-source.ts';
import { readResource, readScope } from './decode-resource.ts';
import { readSpan } from './decode-span.ts';
import { ProtobufReader } from './reader.ts';

const EMPTY = new Uint8Array();

/**
 * Finds the spans of an ExportTraceServiceRequest (opentelemetry/proto/collector/trace/v1). Spans keep views on
 * `bytes`, which must not change afterwards.
 */
export function* findSpansInProtobuf(bytes: Uint8Array, limits: DecodeLimits): SpanSearch {
  const reader = new ProtobufReader(bytes);
  const counter = new GroupCounter(limits);
  const shared = new SharedReader(limits);
  const sources: ProtobufSpanSource[] = [];
  let pauseAt = BYTES_BETWEEN_PAUSES;
  try {
    for (let resourceIndex = 0; !reader.done; ) {
      const tag = reader.tag();
      if (tag !== ExportTraceServiceRequestFields.resourceSpans) {
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
            counter.addSpan();
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
        sources.push(new ProtobufSpanSource(reader, resource, shared.scope(raw, schemaUrl), place, limits));
      }
      reader.leave(outer);
      resourceIndex++;
    }
  } catch (error) {
    if (error instanceof LimitError) throw error;
    throw new UndecodableError(`The body is not an OTLP trace request in protobuf: ${messageOf(error)}`);
  }
  return sources;
}

/** Reads resources and scopes, which together have an allowance of values. */
class SharedReader {
  readonly #limits: DecodeLimits;
  #allowance: number;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
    this.#allowance = limits.maxSharedValues;
  }

  /** The resource of the ResourceSpans that `reader` has entered: its schema URL comes after its spans. */
  resource(reader: ProtobufReader): Resource {
    let raw: Uint8Array = EMPTY;
    let schemaUrl = '';
    while (!reader.done) {
      const tag = reader.tag();
      if (tag === ResourceSpansFields.resource) raw = reader.slice();
      else if (tag === ResourceSpansFields.schemaUrl) schemaUrl = reader.text();
      else reader.skip(tag);
    }
    return this.#read(raw, (inner) => readResource(inner, raw, schemaUrl));
  }

  scope(raw: Uint8Array, schemaUrl: string): Scope {
    return this.#read(raw, (inner) => readScope(inner, raw, schemaUrl));
  }

  #read<T>(raw: Uint8Array, read: (reader: ProtobufReader) => T): T {
    const reader = new ProtobufReader(raw);
    reader.allowance = this.#allowance;
    try {
      return read(reader);
    } catch (error) {
      throw error instanceof LimitError ? sharedLimitError(this.#limits) : error;
    } finally {
      this.#allowance = reader.allowance;
    }
  }
}

interface Place {
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  /** Of the ScopeSpans' content. */
  readonly position: number;
  readonly end: number;
}

class ProtobufSpanSource implements SpanSource {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  readonly #reader: ProtobufReader;
  readonly #end: number;
  readonly #limits: DecodeLimits;
  #position: number;

  constructor(reader: ProtobufReader, resource: Resource, scope: Scope, place: Place, limits: DecodeLimits) {
    this.#reader = reader;
    this.resource = resource;
    this.scope = scope;
    this.resourceIndex = place.resourceIndex;
    this.scopeIndex = place.scopeIndex;
    this.#position = place.position;
    this.#end = place.end;
    this.#limits = limits;
  }

  next(): SpanRead | string | undefined {
    const reader = this.#reader;
    reader.position = this.#position;
    reader.end = this.#end;
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

  /** Reads the span that the reader has entered: its length is known, so a bad one costs none of those after it. */
  #read(): SpanRead | string {
    const reader = this.#reader;
    const { maxSpanValues } = this.#limits;
    reader.allowance = maxSpanValues;
    try {
      const span = readSpan(reader, reader.bytes.subarray(reader.position, reader.end));
      const reason = invalidSpanReason(span.traceId, span.spanId);
      return reason ?? { span, values: maxSpanValues - reader.allowance };
    } catch (error) {
      return error instanceof LimitError ? spanLimitReason(this.#limits) : messageOf(error);
    }
  }
}
