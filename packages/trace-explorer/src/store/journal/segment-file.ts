import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreOpenError } from '../errors.ts';
import type { FoundFrames, Frame } from './frame.ts';
import { findFrames } from './frame.ts';

/** Segments are numbered in the order in which they were begun. */
const SEGMENT_NAME = /^explorer-(\d{12})\.journal$/u;

/** magic, version, salt */
const HEADER_BYTES = 16;
const MAGIC = Buffer.from('TandemJ\n', 'latin1');
/** Of 2, frames may be packed; 1 has none that are. */
const VERSION = 2;

/** Paths of a directory's segments by number, oldest first. */
export async function listSegments(directory: string): Promise<readonly (readonly [number, string])[]> {
  const found: [number, string][] = [];
  for (const name of await readdir(directory)) {
    const number = SEGMENT_NAME.exec(name)?.[1];
    if (number !== undefined) found.push([Number(number), join(directory, name)]);
  }
  return found.toSorted(([a], [b]) => a - b);
}

/** A segment that is being written. */
export interface NewSegment {
  readonly path: string;
  readonly file: FileHandle;
  readonly salt: number;
  /** Written so far. */
  readonly bytes: number;
}

/** Makes a segment, for its owner alone; its name is on disk when this resolves. @throws Error of the file system */
export async function createSegment(directory: string, number: number): Promise<NewSegment> {
  const path = join(directory, `explorer-${String(number).padStart(12, '0')}.journal`);
  const file = await open(path, 'wx', 0o600);
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    MAGIC.copy(header);
    const salt = randomBytes(4).readUInt32LE();
    header.writeUInt32LE(VERSION, 8);
    header.writeUInt32LE(salt, 12);
    // A full disk takes some of it, and calls that no error.
    await file.writeFile(header);
    const parent = await open(directory, 'r');
    await parent.sync().finally(() => parent.close());
    return { path, file, salt, bytes: HEADER_BYTES };
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

/** What is in a segment. */
export interface ReadSegment extends FoundFrames {
  readonly bytes: number;
  /** Frames that look whole and cannot be checked, as the segment's header is damaged: they are counted, not stored. */
  readonly unchecked: readonly Frame[];
}

/** Reads a segment. @throws StoreOpenError when it is no file or of a newer version, or the file system's error */
export async function readSegment(path: string): Promise<ReadSegment> {
  const bytes = await readRegularFile(path);
  if (bytes.byteLength < HEADER_BYTES || !MAGIC.equals(bytes.subarray(0, MAGIC.byteLength)))
    return { ...readWithoutMagic(bytes), bytes: bytes.byteLength };
  const version = bytes.readUInt32LE(8);
  if (version > VERSION) {
    throw new StoreOpenError(
      `${path} was written by a newer version of the explorer (journal format ${version}, this one reads ${VERSION}): start that version, or set another DATA_DIR`,
    );
  }
  return {
    ...findFrames(bytes, HEADER_BYTES, bytes.readUInt32LE(12)),
    bytes: bytes.byteLength,
    unchecked: [],
  };
}

/** The salt may still be right where the bytes before it are damaged. */
function readWithoutMagic(bytes: Buffer): Omit<ReadSegment, 'bytes'> {
  if (bytes.byteLength >= HEADER_BYTES) {
    const found = findFrames(bytes, HEADER_BYTES, bytes.readUInt32LE(12));
    if (found.frames.length > 0) return { ...found, damaged: found.damaged + 1, unchecked: [] };
    // The name reached the disk before a power cut, and the content did not.
    if (bytes.every((byte) => byte === 0))
      return { frames: [], damaged: 0, tailBytes: bytes.byteLength, unchecked: [] };
  }
  return { frames: [], damaged: 1, tailBytes: 0, unchecked: findFrames(bytes, 0, undefined).frames };
}

/** Neither follows a link nor waits for the other end of a pipe. */
async function readRegularFile(path: string): Promise<Buffer> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') throw notRegular(path);
    throw error;
  }
  try {
    if (!(await file.stat()).isFile()) throw notRegular(path);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function notRegular(path: string): StoreOpenError {
  return new StoreOpenError(
    `${path} is a link, a pipe or a folder, and the explorer's journal is a file: remove it`,
  );
}
