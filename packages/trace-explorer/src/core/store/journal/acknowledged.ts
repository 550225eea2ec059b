import type { FileHandle } from 'node:fs/promises';
import { constants, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const NAME = 'explorer.acknowledged';
/** The end, 64 bits, and its checksum. */
const BYTES = 12;

/**
 * Up to where senders had their answer, in a file beside the journal: what is lost at the journal's end, or with all of its files, leaves
 * nothing in them that tells. It is written when the journal is on disk, and not synced: it never says more than was acknowledged,
 * and only after a power cut less.
 */
export class Acknowledged {
  readonly #path: string;
  #file: FileHandle | undefined;
  /** One operation at a time. */
  #work: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#path = join(directory, NAME);
  }

  /** All rows that were acknowledged are below; 0 where nobody knows. */
  async read(): Promise<number> {
    const bytes = await readFile(this.#path).catch(() => Buffer.alloc(0));
    if (bytes.byteLength !== BYTES || bytes.readUInt32LE(8) !== crc32(bytes.subarray(0, 8))) return 0;
    return Number(bytes.readBigUInt64LE());
  }

  /** Without room for it nothing is said of a loss at the end: the request is on disk and is answered. */
  write(endSeq: number): Promise<void> {
    const bytes = Buffer.alloc(BYTES);
    bytes.writeBigUInt64LE(BigInt(endSeq));
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 8)), 8);
    return this.#next(async () => {
      this.#file ??= await open(this.#path, constants.O_WRONLY | constants.O_CREAT, 0o600);
      await this.#file.write(bytes, 0, BYTES, 0);
    });
  }

  /** To be called when the database has all rows on disk. */
  clear(): Promise<void> {
    return this.#next(async () => {
      await this.#end();
      await rm(this.#path, { force: true });
    });
  }

  close(): Promise<void> {
    return this.#next(() => this.#end());
  }

  async #end(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch(() => {});
    return this.#work;
  }
}
