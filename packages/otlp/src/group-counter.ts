import { LimitError } from './errors.ts';
import type { DecodeLimits } from './limits.ts';
import { readable } from './limits.ts';
import type { AnySignal } from './signals/signal.ts';

/** Counts what stands around the items of a request, and the items, before any of it is read. */
export class GroupCounter {
  readonly #limits: DecodeLimits;
  readonly #item: string;
  #groups = 0;
  #items = 0;

  constructor(limits: DecodeLimits, { item }: Pick<AnySignal, 'item'>) {
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

/** The resources and scopes of a request hold too much, or one of them does. */
export function sharedLimitError({ maxSharedValues, maxItemValues }: DecodeLimits): LimitError {
  return new LimitError(
    `The resources and scopes of the request have more than ${readable(maxSharedValues)} attributes and values, or one of them more than ${readable(maxItemValues)}`,
  );
}

/** Why an item that holds too much is left out. */
export function itemLimitReason(
  { maxItemValues }: DecodeLimits,
  { item, itemValues }: Pick<AnySignal, 'item' | 'itemValues'>,
): string {
  return `the ${item} has more than ${readable(maxItemValues)} ${itemValues}`;
}
