import { LimitError, messageOf, UndecodableError } from '../errors.ts';
import { GroupCounter, sharedLimitError, spanLimitReason } from '../group-counter.ts';
import { invalidSpanReason } from '../ids.ts';
import type { DecodeLimits } from '../limits.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import { encodeSpan } from '../protobuf/encode-span.ts';
import type { SpanRead, SpanSearch, SpanSource } from '../span-source.ts';
import { BYTES_BETWEEN_PAUSES } from '../span-source.ts';
import { readResource, readScope } from './decode-resource.ts';
import { readSpan } from './decode-span.ts';
import { JsonFields } from './json-fields.ts';
import { JsonScanner } from './json-scanner.ts';
import { parseJson } from './parse-json.ts';

/** Objects, lists and commas that an attribute has in JSON, with its value and the comma after it. */
const MARKS_PER_VALUE = 4;

/** Spans found between two pauses, where they are so small that the bytes are few. */
const SPANS_BETWEEN_PAUSES = 65_536;

/** Where a span's text is. `marks` are its objects, lists and commas. */
interface SpanPlace {
  readonly start: number;
  readonly end: number;
  readonly marks: number;
}

/**
 * Finds the spans of an ExportTraceServiceRequest in OTLP's JSON encoding: hex ids in any case, enums as integers,
 * 64-bit integers as text or number, unknown names ignored. A member that is there twice counts twice.
 */
export function* findSpansInJson(bytes: Uint8Array, limits: DecodeLimits): SpanSearch {
  const sources: JsonSpanSource[] = [];
  try {
    const search = new JsonSearch(bytes, limits);
    yield* search.request(sources);
  } catch (error) {
    if (error instanceof LimitError) throw error;
    throw new UndecodableError(`The body is not an OTLP trace request in JSON: ${messageOf(error)}`);
  }
  return sources;
}

type Pauses = Generator<undefined, void>;

class JsonSearch {
  readonly #scanner: JsonScanner;
  readonly #limits: DecodeLimits;
  readonly #counter: GroupCounter;
  #sharedMarks: number;
  #pauseAt = BYTES_BETWEEN_PAUSES;

  constructor(bytes: Uint8Array, limits: DecodeLimits) {
    this.#scanner = new JsonScanner(bytes);
    this.#limits = limits;
    this.#counter = new GroupCounter(limits);
    this.#sharedMarks = limits.maxSharedValues * MARKS_PER_VALUE;
  }

  *request(sources: JsonSpanSource[]): Pauses {
    const scanner = this.#scanner;
    let count = 0;
    for (const name of members(scanner, 'the request')) {
      if (name !== 'resourceSpans') scanner.skip();
      else for (const _ of items(scanner, name)) yield* this.#resourceSpans(count++, sources);
    }
    scanner.end();
  }

  *#resourceSpans(resourceIndex: number, sources: JsonSpanSource[]): Pauses {
    const scanner = this.#scanner;
    this.#counter.addGroup();
    const own = new Map<string, unknown>();
    const groups: { members: ReadonlyMap<string, unknown>; spans: readonly SpanPlace[] }[] = [];
    for (const name of members(scanner, 'resourceSpans')) {
      if (name === 'resource' || name === 'schemaUrl') own.set(name, this.#shared());
      else if (name !== 'scopeSpans') scanner.skip();
      else for (const _ of items(scanner, name)) groups.push(yield* this.#scopeSpans());
    }
    const resource = readResource(new JsonFields(Object.fromEntries(own), 'resourceSpans'));
    for (const [scopeIndex, { members, spans }] of groups.entries()) {
      const scope = readScope(new JsonFields(Object.fromEntries(members), 'scopeSpans'));
      const source = { resource, scope, resourceIndex, scopeIndex };
      sources.push(new JsonSpanSource(scanner.bytes, spans, source, this.#limits));
    }
  }

  *#scopeSpans(): Generator<
    undefined,
    { members: ReadonlyMap<string, unknown>; spans: readonly SpanPlace[] }
  > {
    const scanner = this.#scanner;
    this.#counter.addGroup();
    const own = new Map<string, unknown>();
    const spans: SpanPlace[] = [];
    for (const name of members(scanner, 'scopeSpans')) {
      if (name === 'scope' || name === 'schemaUrl') own.set(name, this.#shared());
      else if (name !== 'spans') scanner.skip();
      else {
        for (const _ of items(scanner, name)) {
          this.#counter.addSpan();
          const before = scanner.skipped;
          const start = scanner.skip();
          const end = scanner.position;
          spans.push({ start, end, marks: scanner.skipped - before });
          if (end < this.#pauseAt && spans.length % SPANS_BETWEEN_PAUSES !== 0) continue;
          this.#pauseAt = end + BYTES_BETWEEN_PAUSES;
          yield undefined;
        }
      }
    }
    return { members: own, spans };
  }

  /** Parses a value outside of the spans. */
  #shared(): unknown {
    const scanner = this.#scanner;
    const before = scanner.skipped;
    const text = scanner.slice();
    this.#sharedMarks -= scanner.skipped - before;
    if (this.#sharedMarks < 0) throw sharedLimitError(this.#limits);
    return parseJson(text);
  }
}

/** The names of an object's members; whoever asks for the next has read or skipped the value of the last. */
function* members(scanner: JsonScanner, what: string): Generator<string, void> {
  if (!scanner.enterObject(what)) return;
  for (let name = scanner.nextName(true); name !== undefined; name = scanner.nextName(false)) yield name;
}

function* items(scanner: JsonScanner, what: string): Generator<void, void> {
  if (!scanner.enterList(what)) return;
  for (let isThere = scanner.nextItem(true); isThere; isThere = scanner.nextItem(false)) yield;
}

class JsonSpanSource implements SpanSource {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  readonly #bytes: Uint8Array;
  readonly #spans: Iterator<SpanPlace>;
  readonly #limits: DecodeLimits;

  constructor(
    bytes: Uint8Array,
    spans: readonly SpanPlace[],
    { resource, scope, resourceIndex, scopeIndex }: Omit<SpanSource, 'next'>,
    limits: DecodeLimits,
  ) {
    this.resource = resource;
    this.scope = scope;
    this.resourceIndex = resourceIndex;
    this.scopeIndex = scopeIndex;
    this.#bytes = bytes;
    this.#spans = spans.values();
    this.#limits = limits;
  }

  next(): SpanRead | string | undefined {
    const step = this.#spans.next();
    if (step.done) return undefined;
    const { start, end, marks } = step.value;
    if (marks > this.#limits.maxSpanValues * MARKS_PER_VALUE) return spanLimitReason(this.#limits);
    try {
      const content = readSpan(new JsonFields(parseJson(this.#bytes.subarray(start, end)), 'the span'));
      const reason = invalidSpanReason(content.traceId, content.spanId);
      return reason ?? { span: { ...content, raw: encodeSpan(content) }, values: marks / MARKS_PER_VALUE };
    } catch (error) {
      return messageOf(error);
    }
  }
}
