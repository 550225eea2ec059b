import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { openRegular } from '../../regular-file.ts';
import { documentPlaces } from './document-places.ts';

/** Most bytes of documents in one request. */
const MAX_TOGETHER = 4 * 1024 * 1024;

/** Documents as the body of one request. */
export interface Joined {
  readonly body: Buffer | ReadStream;
  /** The bodies of the single documents, where there are several. */
  readonly each: readonly Buffer[];
  /** The byte of the file after these documents. */
  readonly to: number;
}

type ReadStream = ReturnType<typeof createReadStream>;

/**
 * Joins a file's small documents of OTLP JSON, because each request waits for the disk. The members of all documents become
 * members of one object: the receiver takes each of several members of one name. A large document is streamed unchanged.
 * @param start the position of the first byte of the first document
 */
export async function* joinDocuments(path: string, start = 0): AsyncGenerator<Joined> {
  const file = await openRegular(path);
  try {
    let waiting: Buffer[] = [];
    let [bytes, last] = [0, 0];
    const join = (): Joined => {
      const members = waiting.flatMap((each, index) => (index === 0 ? [each] : [COMMA, each]));
      const each = waiting.map((own) => Buffer.concat([OPEN, own, CLOSE]));
      [waiting, bytes] = [[], 0];
      return { body: Buffer.concat([OPEN, ...members, CLOSE]), each: each.length > 1 ? each : [], to: last };
    };
    for await (const place of documentPlaces(createReadStream(path, { start }))) {
      const [from, to] = [start + place.from, start + place.to];
      const size = to - from;
      const members = size > MAX_TOGETHER ? undefined : membersOf(await readPart(file, from, size));
      if (waiting.length > 0 && (members === undefined || bytes + size > MAX_TOGETHER)) yield join();
      last = to;
      if (members === undefined) {
        if (size > 0) yield { body: createReadStream(path, { start: from, end: to - 1 }), each: [], to };
      } else if (members.byteLength > 0) {
        waiting.push(members);
        bytes += size;
      }
    }
    if (waiting.length > 0) yield join();
  } finally {
    await file.close();
  }
}

const [OPEN, COMMA, CLOSE] = ['{', ',', '}'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

async function readPart(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
  return buffer.subarray(0, bytesRead);
}

/** The text between the braces of an object; undefined for other texts. */
function membersOf(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1').trim();
  const isObject = text.startsWith('{') && text.endsWith('}');
  return isObject ? Buffer.from(text.slice(1, -1).trim(), 'latin1') : undefined;
}
