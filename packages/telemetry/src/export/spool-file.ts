import type { Batch } from '../wire/batch.ts';
import { wholeBatches } from '../wire/whole-batches.ts';
import type { SpoolFiles } from './spool-files.ts';

/** Another process may have written with a larger limit; more than this is no file of a spool. */
const MAX_READ_BYTES = 64 * 1024 * 1024;

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

/**
 * A file that another process has left, up to the end of its last whole batch.
 *
 * @param onTorn called when bytes are left out: the process was killed while it wrote
 */
export async function readLeftFile(
  disk: SpoolFiles,
  path: string,
  onTorn: (path: string, bytes: number) => void,
): Promise<SpoolFile> {
  const bytes = await disk.read(path, MAX_READ_BYTES);
  const { length, items } = wholeBatches(bytes);
  if (length < bytes.length) onTorn(path, bytes.length - length);
  return newFile(path, length, items);
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
