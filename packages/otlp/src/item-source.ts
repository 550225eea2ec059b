import type { Resource, Scope } from './messages/resource.ts';

/** The items of one resource and scope in a body, at known places. `next` reads one item. */
export interface ItemSource<Item> {
  readonly resource: Resource;
  readonly scope: Scope;
  /** Positions in the request, for people. */
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  /** Reads the next item. A text is the reason to leave the item out; undefined comes after the last one. */
  next(): ItemRead<Item> | string | undefined;
}

export interface ItemRead<Item> {
  readonly item: Item;
  /** The number of attributes, values within values, events and links. The number may be a little too low. */
  readonly values: number;
}

/**
 * Walks through a body without reading its items, and pauses (yields) every few megabytes. The walk checks everything
 * around the items before the first item is read.
 * @throws UndecodableError; LimitError
 */
export type ItemSearch<Item> = Generator<undefined, readonly ItemSource<Item>[]>;

/** Bytes of a body between two pauses. Walking through them takes a few hundredths of a second. */
export const BYTES_BETWEEN_PAUSES = 4 * 1024 * 1024;
