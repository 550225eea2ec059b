import { documentPlaces } from './document-places.ts';

/** Most bytes of documents in one request. */
const MAX_TOGETHER = 4 * 1024 * 1024;

/** Documents as the body of one request. */
export interface Joined {
  readonly body: Blob;
  /** The bodies of the single documents, where there are several. */
  readonly each: () => readonly Blob[];
  /** The byte of the file after these documents. */
  readonly to: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Joins a file's small documents of OTLP JSON, because each request waits for the disk. The members of all documents become
 * members of one object: the receiver takes each of several members of one name. A large document is sent unchanged, and is
 * never in memory as a whole.
 * @param start the position of the first byte of the first document
 */
export async function* joinDocuments(file: Blob, start = 0): AsyncGenerator<Joined> {
  const read = new ReadBytes(start);
  let waiting: Bytes[] = [];
  let [bytes, last] = [0, 0];
  const join = (): Joined => {
    const documents = waiting;
    [waiting, bytes] = [[], 0];
    const members = documents.flatMap((each, index) => (index === 0 ? [each] : [',', each]));
    const each = () => (documents.length > 1 ? documents.map((own) => new Blob(['{', own, '}'])) : []);
    return { body: new Blob(['{', ...members, '}']), each, to: last };
  };
  for await (const place of documentPlaces(read.passing(file.slice(start).stream()))) {
    const [from, to] = [start + place.from, start + place.to];
    const whole = read.take(from, to);
    const members = whole && membersOf(whole);
    if (waiting.length > 0 && (members === undefined || bytes + to - from > MAX_TOGETHER)) yield join();
    last = to;
    if (members === undefined) {
      if (to > from) yield { body: file.slice(from, to), each: () => [], to };
    } else if (members.byteLength > 0) {
      waiting.push(members);
      bytes += to - from;
    }
  }
  if (waiting.length > 0) yield join();
}

/** The bytes of a file that were read and not taken yet: of a document, as far as it is no large one. */
class ReadBytes {
  #chunks: Bytes[] = [];
  /** The position of the first of these bytes in the file, and their number. */
  #from: number;
  #size = 0;

  constructor(start: number) {
    this.#from = start;
  }

  /** The chunks of a file, which it keeps meanwhile. */
  async *passing(chunks: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
    for await (const chunk of chunks) {
      // All that is left belongs to the document that was not at its end yet.
      if (this.#size > MAX_TOGETHER) this.#drop(this.#from + this.#size);
      this.#chunks.push(chunk);
      this.#size += chunk.byteLength;
      yield chunk;
    }
  }

  /** The bytes of a document; undefined of a large one. */
  take(from: number, to: number): Bytes | undefined {
    this.#drop(from);
    const isWhole = this.#from === from && to - from <= MAX_TOGETHER;
    const bytes = isWhole ? this.#copy(to - from) : undefined;
    this.#drop(to);
    return bytes;
  }

  #copy(length: number): Bytes {
    const [first] = this.#chunks;
    if (first !== undefined && first.byteLength >= length) return first.subarray(0, length);
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, length - at);
      bytes.set(part, at);
      at += part.byteLength;
    }
    return bytes;
  }

  /** Forgets the bytes before a position. */
  #drop(to: number): void {
    while (this.#from < to) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) break;
      const length = Math.min(chunk.byteLength, to - this.#from);
      if (length === chunk.byteLength) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(length);
      this.#from += length;
      this.#size -= length;
    }
  }
}

const [OPEN, CLOSE] = [0x7b, 0x7d];

/** The text between the braces of an object; undefined for other texts. */
function membersOf(bytes: Bytes): Bytes | undefined {
  const text = trimmed(bytes);
  const isObject = text.length > 1 && text[0] === OPEN && text.at(-1) === CLOSE;
  return isObject ? trimmed(text.subarray(1, -1)) : undefined;
}

const SPACE = 0x20;

function trimmed(bytes: Bytes): Bytes {
  let [from, to] = [0, bytes.length];
  while (from < to && (bytes[from] ?? 0) <= SPACE) from++;
  while (to > from && (bytes[to - 1] ?? 0) <= SPACE) to--;
  return bytes.subarray(from, to);
}
