import { LimitError, messageOf, UndecodableError } from '../errors.ts';
import type { ItemRead, ItemSearch, ItemSource } from '../item-source.ts';
import { BYTES_BETWEEN_PAUSES } from '../item-source.ts';
import type { DecodeLimits } from '../limits.ts';
import { GroupCounter, itemLimitReason, sharedLimitError } from '../limits.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import type { Signal } from '../signals/signal.ts';
import { readResource, readScope } from './decode-resource.ts';
import { JsonFields } from './json-fields.ts';
import { itemsOf, JsonScanner, membersOf } from './json-scanner.ts';
import { parseJson } from './parse-json.ts';

/** Objects, lists and commas that an attribute has in JSON, with its value and the comma after it. */
const MARKS_PER_VALUE = 4;

/** Members and items between two pauses, for bodies of very small items. */
const STEPS_BETWEEN_PAUSES = 65_536;

/** The place of an item's text. `marks` counts its objects, lists and commas. */
interface ItemPlace {
  readonly start: number;
  readonly end: number;
  readonly marks: number;
}

/**
 * Finds the items of an export request in OTLP's JSON encoding: hex ids in any case, enums as integers, 64-bit integers
 * as text or number, unknown names ignored. A repeated member counts each time.
 */
export function* findItemsInJson<Item extends { readonly raw: Uint8Array }>(
  bytes: Uint8Array,
  signal: Signal<Item, unknown, unknown>,
  limits: DecodeLimits,
): ItemSearch<Item> {
  const sources: JsonItemSource<Item>[] = [];
  try {
    const search = new JsonSearch(bytes, signal, limits);
    yield* search.request(sources);
  } catch (error) {
    if (error instanceof LimitError) throw error;
    throw new UndecodableError(`The body is not an OTLP ${signal.name} request in JSON: ${messageOf(error)}`);
  }
  return sources;
}

type Pauses = Generator<undefined, void>;

class JsonSearch<Item extends { readonly raw: Uint8Array }> {
  readonly #scanner: JsonScanner;
  readonly #signal: Signal<Item, unknown, unknown>;
  readonly #limits: DecodeLimits;
  readonly #counter: GroupCounter;
  #sharedMarks: number;
  #pauseAt = BYTES_BETWEEN_PAUSES;
  #steps = 0;

  constructor(bytes: Uint8Array, signal: Signal<Item, unknown, unknown>, limits: DecodeLimits) {
    this.#scanner = new JsonScanner(bytes);
    this.#signal = signal;
    this.#limits = limits;
    this.#counter = new GroupCounter(limits, signal);
    this.#sharedMarks = limits.maxSharedValues * MARKS_PER_VALUE;
  }

  *request(sources: JsonItemSource<Item>[]): Pauses {
    const scanner = this.#scanner;
    let count = 0;
    for (const name of membersOf(scanner, 'the request')) {
      if (this.#isTimeToPause()) yield undefined;
      if (name !== this.#signal.lists.resources) scanner.skip();
      else for (const _ of itemsOf(scanner, name)) yield* this.#resourceGroup(count++, sources);
    }
    scanner.end();
  }

  *#resourceGroup(resourceIndex: number, sources: JsonItemSource<Item>[]): Pauses {
    const scanner = this.#scanner;
    const { resources, scopes } = this.#signal.lists;
    this.#counter.addGroup();
    const own = new Map<string, unknown>();
    const groups: { members: ReadonlyMap<string, unknown>; places: readonly ItemPlace[] }[] = [];
    for (const name of membersOf(scanner, resources)) {
      if (this.#isTimeToPause()) yield undefined;
      if (name === 'resource' || name === 'schemaUrl') own.set(name, this.#shared());
      else if (name !== scopes) scanner.skip();
      else for (const _ of itemsOf(scanner, name)) groups.push(yield* this.#scopeGroup());
    }
    const fields = new JsonFields(Object.fromEntries(own), resources);
    const resource = readResource(fields);
    for (const [scopeIndex, { members, places }] of groups.entries()) {
      const scope = readScope(new JsonFields(Object.fromEntries(members), scopes));
      const group = { resource, scope, resourceIndex, scopeIndex };
      sources.push(new JsonItemSource(scanner.bytes, places, this.#signal, group, this.#limits));
    }
  }

  *#scopeGroup(): Generator<
    undefined,
    { members: ReadonlyMap<string, unknown>; places: readonly ItemPlace[] }
  > {
    const scanner = this.#scanner;
    const { lists } = this.#signal;
    this.#counter.addGroup();
    const own = new Map<string, unknown>();
    const places: ItemPlace[] = [];
    for (const name of membersOf(scanner, lists.scopes)) {
      if (this.#isTimeToPause()) yield undefined;
      if (name === 'scope' || name === 'schemaUrl') own.set(name, this.#shared());
      else if (name !== lists.items) scanner.skip();
      else {
        for (const _ of itemsOf(scanner, name)) {
          this.#counter.addItem();
          const before = scanner.skipped;
          const start = scanner.skip();
          const end = scanner.position;
          places.push({ start, end, marks: scanner.skipped - before });
          if (this.#isTimeToPause()) yield undefined;
        }
      }
    }
    return { members: own, places };
  }

  /** Call this method once per member and once per item. */
  #isTimeToPause(): boolean {
    const { position } = this.#scanner;
    if (position < this.#pauseAt && ++this.#steps % STEPS_BETWEEN_PAUSES !== 0) return false;
    this.#pauseAt = position + BYTES_BETWEEN_PAUSES;
    return true;
  }

  /** Parses a value outside of the items. */
  #shared(): unknown {
    const scanner = this.#scanner;
    const before = scanner.skipped;
    const text = scanner.slice();
    const marks = scanner.skipped - before;
    this.#sharedMarks -= marks;
    if (this.#sharedMarks < 0 || marks > this.#limits.maxItemValues * MARKS_PER_VALUE)
      throw sharedLimitError(this.#limits);
    return parseJson(text);
  }
}

class JsonItemSource<Item extends { readonly raw: Uint8Array }> implements ItemSource<Item> {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  readonly #bytes: Uint8Array;
  readonly #places: Iterator<ItemPlace>;
  readonly #signal: Signal<Item, unknown, unknown>;
  readonly #limits: DecodeLimits;

  constructor(
    bytes: Uint8Array,
    places: readonly ItemPlace[],
    signal: Signal<Item, unknown, unknown>,
    group: Omit<ItemSource<Item>, 'next'>,
    limits: DecodeLimits,
  ) {
    this.resource = group.resource;
    this.scope = group.scope;
    this.resourceIndex = group.resourceIndex;
    this.scopeIndex = group.scopeIndex;
    this.#bytes = bytes;
    this.#places = places.values();
    this.#signal = signal;
    this.#limits = limits;
  }

  next(): ItemRead<Item> | string | undefined {
    const { done, value: place } = this.#places.next();
    if (done) return undefined;
    const signal = this.#signal;
    const { start, end, marks } = place;
    if (marks > this.#limits.maxItemValues * MARKS_PER_VALUE) return itemLimitReason(this.#limits, signal);
    try {
      const parsed = parseJson(this.#bytes.subarray(start, end));
      const item = signal.readJson(new JsonFields(parsed, `the ${signal.item}`));
      return signal.invalidReason(item) ?? { item, values: marks / MARKS_PER_VALUE };
    } catch (error) {
      return messageOf(error);
    }
  }
}
