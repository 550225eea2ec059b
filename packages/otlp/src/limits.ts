import { LimitError } from './errors.ts';
import type { ItemSource } from './item-source.ts';

/** The words of a signal, for messages about its requests. */
export interface SignalWords {
  /** The word for one item. */
  readonly item: string;
  /** The words for an item's values. */
  readonly itemValues: string;
  /** The lists' names in JSON, from the outside in. */
  readonly lists: { readonly resources: string; readonly scopes: string; readonly items: string };
}

/** Levels of values within values. A span with deeper values is refused. Protobuf libraries stop at 100 as well. */
export const MAX_VALUE_DEPTH = 100;

/** Bytes of a trace id. */
export const TRACE_ID_BYTES = 16;

/** Bytes of a span id. */
export const SPAN_ID_BYTES = 8;

/** Limits of one request. Real bodies of 64 MiB stay below all of them; see docs/reference/limits.md. */
export interface DecodeLimits {
  /** Spans or log records of a request, good and bad. 64 MiB hold fewer items, except empty items. */
  readonly maxItems: number;
  /** Resources plus scopes of a request. */
  readonly maxGroups: number;
  /** Events, links, attributes and nested values of one item; the same limit holds for one resource or scope. */
  readonly maxItemValues: number;
  /** Attributes and nested values of all resources and scopes of a request. */
  readonly maxSharedValues: number;
}

export const DECODE_LIMITS: DecodeLimits = Object.freeze({
  maxItems: 1_000_000,
  maxGroups: 100_000,
  maxItemValues: 131_072,
  maxSharedValues: 524_288,
});

/** Counts resources, scopes and items of a request before any of them is read. */
export class GroupCounter {
  readonly #limits: DecodeLimits;
  readonly #item: string;
  #groups = 0;
  #items = 0;

  constructor(limits: DecodeLimits, { item }: Pick<SignalWords, 'item'>) {
    this.#limits = limits;
    this.#item = item;
  }

  /** @throws LimitError */
  addGroup(): void {
    const { maxGroups } = this.#limits;
    if (++this.#groups > maxGroups)
      throw new LimitError(`The request has more than ${readable(maxGroups)} resources and scopes`);
  }

  /** @throws LimitError */
  addItem(): void {
    const { maxItems } = this.#limits;
    if (++this.#items > maxItems)
      throw new LimitError(`The request has more than ${readable(maxItems)} ${this.#item}s`);
  }
}

/** The error when the resources and scopes of a request, or one of them, have too many values. */
export function sharedLimitError({ maxSharedValues, maxItemValues }: DecodeLimits): LimitError {
  return new LimitError(
    `The resources and scopes of the request have more than ${readable(maxSharedValues)} attributes and values, or one of them more than ${readable(maxItemValues)}`,
  );
}

/** The reason to leave out an item with too many values. */
export function itemLimitReason(
  { maxItemValues }: DecodeLimits,
  { item, itemValues }: Pick<SignalWords, 'item' | 'itemValues'>,
): string {
  return `the ${item} has more than ${readable(maxItemValues)} ${itemValues}`;
}

/** A number as people read it: 131,072. */
function readable(limit: number): string {
  return limit.toLocaleString('en');
}

/** Reasons that a partial success spells out. The rest is a number. */
const MAX_REASONS = 3;

/** Collects the items of a request that are refused one by one. */
export class Rejections {
  readonly #lists: SignalWords['lists'];
  readonly #reasons: string[] = [];
  count = 0;
  #taken = 0;

  constructor({ lists }: Pick<SignalWords, 'lists'>) {
    this.#lists = lists;
  }

  /** @param index of the item in the list of its source */
  add(
    { resourceIndex, scopeIndex }: Pick<ItemSource<unknown>, 'resourceIndex' | 'scopeIndex'>,
    index: number,
    reason: string,
  ): void {
    if (this.count++ >= MAX_REASONS) return;
    const { resources, scopes, items } = this.#lists;
    this.#reasons.push(
      `${resources}[${resourceIndex}].${scopes}[${scopeIndex}].${items}[${index}]: ${reason}`,
    );
  }

  /** Items added since the last call. */
  take(): number {
    const count = this.count - this.#taken;
    this.#taken = this.count;
    return count;
  }

  get hasUntaken(): boolean {
    return this.count > this.#taken;
  }

  /** A text for people; empty when nothing was refused. */
  get reason(): string {
    const more = this.count - this.#reasons.length;
    return this.#reasons.join('; ') + (more > 0 ? `; and ${more} more` : '');
  }
}
