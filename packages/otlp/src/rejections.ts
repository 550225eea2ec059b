import type { ItemSource } from './item-source.ts';
import type { AnySignal } from './signals/signal.ts';

/** Reasons that a partial success spells out; it counts the rest. */
const MAX_REASONS = 3;

/** Collects the items of a request that are refused one by one. */
export class Rejections {
  readonly #lists: AnySignal['lists'];
  readonly #reasons: string[] = [];
  count = 0;
  #taken = 0;

  constructor({ lists }: Pick<AnySignal, 'lists'>) {
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
