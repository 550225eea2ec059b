import type { Batch } from '../wire/batch.ts';

/** A file of the spool. It is an export request at each end of a batch. */
export interface SpoolFile {
  readonly path: string;
  /** By performance.now(). */
  readonly begun: number;
  /** With those that are not written yet. */
  items: number;
  bytes: number;
  /** Bytes that are on disk. */
  written: number;
  /** The batches that are not on disk yet, in their order. */
  unwritten: Batch[];
  /** Whether it is being sent. */
  isTaken: boolean;
  /** Whether a write has failed: no batch comes behind that place. */
  isBroken: boolean;
  /** Whether it was sent, dropped or lost. */
  isGone: boolean;
  /** Whether the destination has refused it once for its address or its credentials. */
  wasRefused: boolean;
}

/** A file that is still to be written; or, with its length and what is in it, one that is there. */
export function newFile(path: string, bytes = 0, items = 0): SpoolFile {
  return {
    path,
    begun: performance.now(),
    items,
    bytes,
    written: bytes,
    unwritten: [],
    isTaken: false,
    isBroken: false,
    isGone: false,
    wasRefused: false,
  };
}

/** What is sent of the spool in one request. */
export interface TakenBatch extends Batch {
  readonly files: readonly SpoolFile[];
}

/** The items in all of them. */
export function itemsOf(parts: readonly { readonly items: number }[]): number {
  return parts.reduce((sum, { items }) => sum + items, 0);
}

/** The bytes of all of them. */
export function bytesOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { body }) => sum + body.length, 0);
}
