import { keyFieldOf } from './encode-plain-attributes.ts';

// Constants of this module: an import is looked up anew for every byte.
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The key of a KeyValue begins with its tag and its length, which take so many bytes up to {@link LONGEST}. */
const BEFORE_NAME = 2;
const LONGEST = 0x7f;

/** A power of two. */
const SLOTS = 512;

/** Places in a row in which a name may be. */
const TRIES = 8;

/** A name of a member, as the key of a KeyValue. */
export interface KeyName {
  readonly text: string;
  /** Encoded, with tag and length. */
  readonly field: Uint8Array;
  /** The object in which it was seen last. */
  seenIn: number;
  /** What came after it last. */
  next: KeyName | undefined;
}

/**
 * Names of JSON's members, which come back with every text, mostly in the same order: found by their bytes, without
 * making a string.
 */
export class KeyNames {
  readonly #slots: (KeyName | undefined)[] = new Array(SLOTS).fill(undefined);
  #object = 0;
  #previous: KeyName | undefined;
  /** The place for a name that was not found. */
  #free = -1;

  /** How many names are not known any more. */
  forgotten = 0;

  /** Forgets which names have been seen. */
  begin(): void {
    this.#object++;
  }

  /** They have been seen, and the last one just now. */
  see(names: readonly KeyName[]): void {
    for (const name of names) name.seenIn = this.#object;
    this.#previous = names.at(-1);
  }

  /** Whether it was asked about since {@link begin}. */
  hasSeen(name: KeyName): boolean {
    if (name.seenIn === this.#object) return true;
    name.seenIn = this.#object;
    return false;
  }

  /**
   * The name in quotes at that place; undefined for one with an escape, of more than 127 bytes, or without an end, and
   * when there is no place for it beside those of the same object.
   */
  read(bytes: Buffer, quote: number): KeyName | undefined {
    if (bytes[quote] !== QUOTE) return undefined;
    const start = quote + 1;
    const previous = this.#previous;
    const expected = previous?.next;
    if (expected !== undefined) {
      const length = expected.field.length - BEFORE_NAME;
      if (bytes[start + length] === QUOTE && isAt(expected, bytes, start, length)) {
        this.#previous = expected;
        return expected;
      }
    }
    const name = this.#look(bytes, start);
    if (previous !== undefined) previous.next = name;
    this.#previous = name;
    return name;
  }

  #look(bytes: Buffer, start: number): KeyName | undefined {
    let at = start;
    let hash = 0;
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) {
      if (byte === BACKSLASH || byte === 0) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const length = at - start;
    if (length > LONGEST) return undefined;
    return this.#find(hash ^ (hash >>> 13), bytes, start, length) ?? this.#keep(bytes, start, at);
  }

  #find(hash: number, bytes: Uint8Array, start: number, length: number): KeyName | undefined {
    this.#free = -1;
    for (let tried = 0; tried < TRIES; tried++) {
      const slot = (hash + tried) & (SLOTS - 1);
      const known = this.#slots[slot];
      if (known === undefined) {
        if (this.#free === -1) this.#free = slot;
        return undefined;
      }
      if (isAt(known, bytes, start, length)) return known;
      if (this.#free === -1 && known.seenIn !== this.#object) this.#free = slot;
    }
    return undefined;
  }

  /** Takes the place of a name that is not of this object: forgotten, it would not be known when it stood there twice. */
  #keep(bytes: Buffer, start: number, end: number): KeyName | undefined {
    if (this.#free === -1) return undefined;
    // A string that is a property's name somewhere is compared at once with another one.
    const [text = ''] = Object.keys({ [bytes.toString('utf8', start, end)]: 0 });
    if (this.#slots[this.#free] !== undefined) this.forgotten++;
    const name = { text, field: keyFieldOf(text), seenIn: 0, next: undefined };
    this.#slots[this.#free] = name;
    return name;
  }
}

function isAt({ field }: KeyName, bytes: Uint8Array, start: number, length: number): boolean {
  if (field.length !== length + BEFORE_NAME) return false;
  for (let index = 0; index < length; index++)
    if (field[index + BEFORE_NAME] !== bytes[start + index]) return false;
  return true;
}
