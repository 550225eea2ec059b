import { AnyValueFields, ArrayValueFields, KeyValueFields, KeyValueListFields } from '../fields/common.ts';
import { writePlainValue } from './encode-plain-attributes.ts';
import type { KeyName } from './key-names.ts';
import { KeyNames } from './key-names.ts';
import type { ProtobufWriter } from './writer.ts';
import { varintSize } from './writer.ts';

/** Longer texts are parsed faster than they are looked at byte by byte. */
const LONGEST_TEXT = 8 * 1024;

/** Values within more lists and objects are left to the parser. */
const DEEPEST = 16;

/** Whole numbers of so many digits are exact. */
const EXACT_DIGITS = 15;

/** The largest varint of one byte. */
const ONE_BYTE = 0x7f;

/** From here on copying bytes natively beats a loop over them. */
const LOOP_BYTES = 64;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const [T, F, N] = [0x74, 0x66, 0x6e];

// Constants of this module: an import is looked up anew for every attribute.
const VALUE_TAG = KeyValueFields.value;
const STRING_TAG = AnyValueFields.stringValue;

/**
 * What becomes of a member of the object; `stop` when the object needs to be parsed after all. With the tag of an
 * AnyValue, its value is written there, and not as an attribute.
 */
export type MemberUse = 'write' | 'skip' | 'stop' | number;

/** The value of a member that is asked about, as it stands in the text: `30`, `"2026-01-01"`, `{"a":1}`. */
export interface MemberText {
  readonly isComposite: boolean;
  /** Whether it is that text, without making a string of it. ASCII only. */
  is(text: string): boolean;
  /** Whether it is a string with that value. */
  isString(text: string): boolean;
}

/** Who knows what becomes of members. */
export interface MemberJudge {
  useOf(name: string, value: MemberText): MemberUse;
  /** The part of the text up to `end` by which {@link behind} knows others with the same members; undefined for none. */
  beginning?(end: number): string | undefined;
  /**
   * Where they end in this text, if it begins with the members of which the other judge has told the
   * {@link beginning}, and they have the same use; otherwise 0.
   */
  behind?(beginning: string, other: MemberJudge): number;
}

/** What a text began with, up to the last member that was left out. */
interface Beginning {
  readonly text: string;
  readonly judge: MemberJudge;
  readonly names: readonly KeyName[];
  /** What {@link KeyNames.forgotten} was: the names are known as long as it is the same. */
  readonly forgotten: number;
  /** The members that were written, and how many. */
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** The last member that was left out: how many names there were, how many were written, and where text and output were. */
interface Mark {
  readonly names: number;
  readonly count: number;
  readonly end: number;
  readonly length: number;
}

/**
 * Writes the members of an object in JSON as attributes, as `writePlainAttributes` writes what JSON.parse makes of it,
 * without making anything of it: most bytes are copied as they are, at a third of the cost. What a text begins with like
 * one before, as lines of one request do, is not looked at again.
 *
 * It is for what a serializer has made. It finds out, and stops at, what needs to be parsed: white space between values,
 * names that stand twice, are escaped or long, texts beyond 8 KiB, nesting beyond 16 levels.
 */
export class JsonAttributes implements MemberText {
  readonly #bytes = Buffer.allocUnsafeSlow(3 * LONGEST_TEXT + 1);
  readonly #names = new KeyNames();
  #start = 0;
  #at = 0;
  #hasEscape = false;
  #beginning: Beginning | undefined;
  #mark: Mark | undefined;

  /**
   * @param limit how many are written
   * @param asked about each member, in order
   * @returns how many there were to write; -1 when the text needs to be parsed, and perhaps some have been written
   */
  write(writer: ProtobufWriter, tag: number, json: string, limit: number, asked: MemberJudge): number {
    if (json.length > LONGEST_TEXT) return -1;
    const bytes = this.#bytes;
    const known = this.#beginning;
    const isOfUse = known !== undefined && known.forgotten === this.#names.forgotten && known.count <= limit;
    const from = isOfUse ? (asked.behind?.(known.text, known.judge) ?? 0) : 0;
    const length = bytes.write(from === 0 ? json : json.slice(from), 0, 'utf8');
    bytes[length] = 0; // no value has such a byte, so that nothing is read beyond it
    this.#names.begin();
    this.#at = 1;
    if (known !== undefined && from !== 0) {
      this.#names.see(known.names);
      writer.raw(known.bytes);
      if (bytes[0] === CLOSE_OBJECT) return known.count;
      // A number that goes on is for the parser.
      return bytes[0] === COMMA ? this.#writeRest(writer, tag, limit, asked, known.count) : -1;
    }
    if (bytes[0] !== OPEN_OBJECT || bytes[1] === CLOSE_OBJECT) return -1;
    this.#mark = undefined;
    const start = writer.length;
    // Places in the bytes are places in the text only where all is ASCII.
    const names = asked.beginning === undefined || length !== json.length ? undefined : [];
    const count = this.#writeRest(writer, tag, limit, asked, 0, names);
    const mark = this.#mark as Mark | undefined;
    if (names !== undefined && mark !== undefined && count !== -1)
      this.#keep(names.slice(0, mark.names), mark, asked, writer.bytes.subarray(start, mark.length));
    return count;
  }

  #keep(names: KeyName[], { end, count }: Mark, judge: MemberJudge, written: Uint8Array): void {
    const text = judge.beginning?.(end);
    if (text === undefined) return;
    this.#beginning = {
      text,
      judge,
      names,
      forgotten: this.#names.forgotten,
      bytes: new Uint8Array(written),
      count,
    };
  }

  /** The members from the position on, when so many have been written; `names` gets theirs up to one written alone. */
  #writeRest(
    writer: ProtobufWriter,
    tag: number,
    limit: number,
    asked: MemberJudge,
    before: number,
    names?: KeyName[],
  ): number {
    const bytes = this.#bytes;
    let count = before;
    let isOver = false;
    for (;;) {
      const name = this.#readName();
      if (name === undefined || this.#names.hasSeen(name)) return -1;
      const start = this.#at;
      if (!this.#skipValue()) return -1;
      this.#start = start;
      const use = asked.useOf(name.text, this);
      if (use === 'stop') return -1;
      isOver ||= typeof use === 'number'; // its value does not stand with those of the others
      if (names !== undefined && !isOver) {
        names.push(name);
        if (use === 'skip') this.#mark = { names: names.length, count, end: this.#at, length: writer.length };
      }
      if (typeof use === 'number') {
        if (bytes[start] !== N && !this.#writeAlone(writer, use, start)) return -1;
      } else if (use === 'write' && name.text !== '' && bytes[start] !== N && ++count <= limit) {
        if (bytes[start] === QUOTE && !this.#hasEscape) this.#writeString(writer, tag, name, start);
        else {
          const end = this.#at;
          this.#at = start;
          if (!this.#writeMember(writer, tag, name, 0) || this.#at !== end) return -1;
        }
      }
      const next = bytes[this.#at++];
      if (next === CLOSE_OBJECT) return count;
      if (next !== COMMA) return -1;
    }
  }

  /** Writes the value from `start` up to the position as an AnyValue. */
  #writeAlone(writer: ProtobufWriter, tag: number, start: number): boolean {
    const end = this.#at;
    const value = writer.begin(tag);
    if (this.#bytes[start] === QUOTE && !this.#hasEscape) this.#writeText(writer, start, end - start - 2);
    else {
      this.#at = start;
      if (!this.#writeValue(writer, 0) || this.#at !== end) return false;
    }
    writer.end(value);
    return true;
  }

  get isComposite(): boolean {
    const first = this.#bytes[this.#start];
    return first === OPEN_OBJECT || first === OPEN_LIST;
  }

  is(text: string): boolean {
    return this.#at - this.#start === text.length && this.#isAt(this.#start, text);
  }

  isString(text: string): boolean {
    const start = this.#start;
    if (this.#bytes[start] !== QUOTE) return false;
    if (this.#at - start === text.length + 2 && this.#isAt(start + 1, text)) return true;
    return (this.#hasEscape || this.#at - start > text.length + 2) && this.#parse(start) === text;
  }

  #isAt(start: number, text: string): boolean {
    for (let index = 0; index < text.length; index++)
      if (this.#bytes[start + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  /** The name that comes next; its value comes after it. */
  #readName(): KeyName | undefined {
    const name = this.#names.read(this.#bytes, this.#at);
    if (name === undefined) return undefined;
    this.#at += name.field.length; // two bytes before the name there, two quotes around it here
    return this.#bytes[this.#at++] === COLON ? name : undefined;
  }

  /** Moves behind the value; false where there is none. */
  #skipValue(): boolean {
    const bytes = this.#bytes;
    const first = bytes[this.#at];
    if (first === QUOTE) return this.#skipString();
    if (first !== OPEN_OBJECT && first !== OPEN_LIST) return this.#skipWord();
    let depth = 0;
    do {
      const byte = bytes[this.#at];
      if (byte === 0) return false;
      if (byte === QUOTE) {
        if (!this.#skipString()) return false;
        continue;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
      this.#at++;
    } while (depth > 0);
    return true;
  }

  #skipString(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at++] !== QUOTE) return false;
    this.#hasEscape = false;
    for (;;) {
      const byte = bytes[at++];
      if (byte === QUOTE) break;
      if (byte === 0) return false;
      if (byte === BACKSLASH) {
        this.#hasEscape = true;
        at++;
      }
    }
    this.#at = at;
    return true;
  }

  /** A number, `true`, `false` or `null`. */
  #skipWord(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    for (let byte = bytes[at] as number; byte > COMMA || byte === 0x2b; byte = bytes[++at] as number)
      if (byte === CLOSE_OBJECT || byte === CLOSE_LIST || byte === COLON) break;
    this.#at = at;
    return at > start;
  }

  /** Writes a KeyValue, and moves behind its value, which comes next. */
  #writeMember(writer: ProtobufWriter, tag: number, name: KeyName, depth: number): boolean {
    const start = this.#at;
    if (this.#bytes[start] === QUOTE) {
      if (!this.#skipString()) return false;
      if (!this.#hasEscape) {
        this.#writeString(writer, tag, name, start);
        return true;
      }
      this.#at = start;
    }
    const member = writer.begin(tag);
    writer.raw(name.field);
    const value = writer.begin(VALUE_TAG);
    if (!this.#writeValue(writer, depth)) return false;
    writer.end(value);
    writer.end(member);
    return true;
  }

  /** Writes a KeyValue with a text that stands between two quotes, the second just before the position. */
  #writeString(writer: ProtobufWriter, tag: number, { field }: KeyName, quote: number): void {
    const count = this.#at - quote - 2;
    const inner = 1 + varintSize(count) + count;
    const all = field.length + 1 + varintSize(inner) + inner;
    if (all > ONE_BYTE) {
      writer.varint(tag);
      writer.varint(all);
      writer.raw(field);
      writer.varint(VALUE_TAG);
      writer.varint(inner);
      this.#writeText(writer, quote, count);
      return;
    }
    // The usual one, in one go: all tags and lengths fit one byte.
    writer.reserve(all + 2);
    const { bytes } = writer;
    const source = this.#bytes;
    let at = writer.length;
    bytes[at++] = tag;
    bytes[at++] = all;
    for (let index = 0; index < field.length; index++) bytes[at++] = field[index] as number;
    bytes[at++] = VALUE_TAG;
    bytes[at++] = inner;
    bytes[at++] = STRING_TAG;
    bytes[at++] = count;
    for (let from = quote + 1, end = from + count; from < end; from++) bytes[at++] = source[from] as number;
    writer.length = at;
  }

  /** Writes AnyValue's content, and moves behind it. */
  #writeValue(writer: ProtobufWriter, depth: number): boolean {
    const start = this.#at;
    switch (this.#bytes[start]) {
      case QUOTE:
        if (!this.#skipString()) return false;
        if (this.#hasEscape) writePlainValue(writer, this.#parse(start));
        else this.#writeText(writer, start, this.#at - start - 2);
        return true;
      case OPEN_OBJECT:
        return depth < DEEPEST && this.#writeObject(writer, depth + 1);
      case OPEN_LIST:
        return depth < DEEPEST && this.#writeList(writer, depth + 1);
      case T:
      case F:
        writer.bool(AnyValueFields.boolValue, this.#bytes[start] === T);
        return this.#skipWord();
      case N:
        return this.#skipWord();
      default:
        return this.#writeNumber(writer);
    }
  }

  #writeText(writer: ProtobufWriter, quote: number, count: number): void {
    writer.varint(STRING_TAG);
    writer.varint(count);
    writer.reserve(count);
    const source = this.#bytes;
    const from = quote + 1;
    const { bytes, length } = writer;
    if (count < LOOP_BYTES) {
      for (let index = 0; index < count; index++) bytes[length + index] = source[from + index] as number;
    } else source.copy(bytes, length, from, from + count);
    writer.length = length + count;
  }

  #writeObject(writer: ProtobufWriter, depth: number): boolean {
    const bytes = this.#bytes;
    const list = writer.begin(AnyValueFields.kvlistValue);
    this.#at++;
    if (bytes[this.#at] === CLOSE_OBJECT) this.#at++;
    else
      for (;;) {
        const name = this.#readName();
        if (name === undefined) return false;
        const isWritten =
          bytes[this.#at] === N
            ? this.#skipWord()
            : this.#writeMember(writer, KeyValueListFields.values, name, depth);
        if (!isWritten) return false;
        const next = bytes[this.#at++];
        if (next === CLOSE_OBJECT) break;
        if (next !== COMMA) return false;
      }
    writer.end(list);
    return true;
  }

  #writeList(writer: ProtobufWriter, depth: number): boolean {
    const bytes = this.#bytes;
    const list = writer.begin(AnyValueFields.arrayValue);
    this.#at++;
    if (bytes[this.#at] === CLOSE_LIST) this.#at++;
    else
      for (;;) {
        const item = writer.begin(ArrayValueFields.values);
        if (!this.#writeValue(writer, depth)) return false;
        writer.end(item);
        const next = bytes[this.#at++];
        if (next === CLOSE_LIST) break;
        if (next !== COMMA) return false;
      }
    writer.end(list);
    return true;
  }

  #writeNumber(writer: ProtobufWriter): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    if (!this.#skipWord()) return false;
    const end = this.#at;
    const isNegative = bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    let value = 0;
    let point = end;
    for (let at = first; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === POINT && point === end && at > first && at < end - 1) point = at;
      else if (byte < ZERO || byte > NINE || end - first > EXACT_DIGITS) {
        value = Number(bytes.toString('latin1', start, end));
        if (Number.isNaN(value)) return false;
        writePlainValue(writer, value);
        return true;
      } else value = value * 10 + byte - ZERO;
    }
    if (isNegative) value = -value;
    // The quotient of two whole numbers that are exact is rounded as the decimal number is.
    if (point === end) writer.int64(AnyValueFields.intValue, value);
    else writePlainValue(writer, value / 10 ** (end - 1 - point));
    return true;
  }

  #parse(start: number): unknown {
    return JSON.parse(this.#bytes.toString('utf8', start, this.#at));
  }
}
