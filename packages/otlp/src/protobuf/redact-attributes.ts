import type { ExportSignal } from '../export-response.ts';
import { AnyValueFields, ArrayValueFields, KeyValueFields, KeyValueListFields } from '../fields/common.ts';
import { message } from '../fields/types.ts';
import { MAX_VALUE_DEPTH } from '../limits.ts';
import { ProtobufReader } from './reader.ts';
import { ProtobufWriter } from './writer.ts';

/** What stands in a message, by tag: attributes, a value with a name of its own, or messages that have some. */
interface Shape {
  readonly [tag: number]: 'attribute' | { readonly valueOf: string } | Shape;
}

const RESOURCE: Shape = { [message(1)]: 'attribute' };
const SCOPE: Shape = { [message(3)]: 'attribute' };
const EXEMPLAR: Shape = { [message(7)]: 'attribute' };
const points = (shape: Shape): Shape => ({ [message(1)]: shape });

/** The items of a request, by signal (opentelemetry/proto: trace.proto, logs.proto, metrics.proto). */
const ITEMS: Readonly<Record<ExportSignal, Shape>> = {
  traces: {
    [message(9)]: 'attribute',
    [message(11)]: { [message(3)]: 'attribute' },
    [message(13)]: { [message(4)]: 'attribute' },
  },
  logs: { [message(5)]: { valueOf: 'body' }, [message(6)]: 'attribute' },
  metrics: {
    [message(5)]: points({ [message(7)]: 'attribute', [message(5)]: EXEMPLAR }),
    [message(7)]: points({ [message(7)]: 'attribute', [message(5)]: EXEMPLAR }),
    [message(9)]: points({ [message(9)]: 'attribute', [message(8)]: EXEMPLAR }),
    [message(10)]: points({ [message(1)]: 'attribute', [message(11)]: EXEMPLAR }),
    [message(11)]: points({ [message(7)]: 'attribute' }),
    [message(12)]: 'attribute',
  },
};

/**
 * A copy of an export request in which the values of some attributes are the text REDACTED. All other bytes are as they
 * came, unknown fields among them.
 * @param isNamed whether the value of a field is redacted; a field of a map has its path as name: `user.name`
 * @param isLeftOut whether the copy lacks an attribute, by its key; of maps only as a whole
 * @throws RangeError for malformed bytes, and for values that are nested too deep
 */
export function redactAttributes(
  request: Uint8Array,
  signal: ExportSignal,
  isNamed: (name: string) => boolean,
  isLeftOut: (name: string) => boolean = () => false,
): Buffer {
  const scopes: Shape = { [message(1)]: SCOPE, [message(2)]: ITEMS[signal] };
  const shape: Shape = { [message(1)]: { [message(1)]: RESOURCE, [message(2)]: scopes } };
  const copy = new Copy(request, isNamed, isLeftOut);
  copy.message(shape);
  return copy.writer.toBuffer();
}

class Copy {
  readonly writer: ProtobufWriter;
  readonly #reader: ProtobufReader;
  readonly #isNamed: (name: string) => boolean;
  readonly #isLeftOut: (name: string) => boolean;

  constructor(request: Uint8Array, isNamed: (name: string) => boolean, isLeftOut: (name: string) => boolean) {
    this.#reader = new ProtobufReader(request);
    this.writer = new ProtobufWriter(request.byteLength + 64);
    this.#isNamed = isNamed;
    this.#isLeftOut = isLeftOut;
  }

  message(shape: Shape): void {
    this.#fields((tag) => {
      const inner = shape[tag];
      if (inner === undefined) return undefined;
      if (inner === 'attribute') return () => !this.#isLeftOut(this.#keyAhead()) && this.#attribute('', 0);
      return 'valueOf' in inner && typeof inner.valueOf === 'string'
        ? () => this.#value(String(inner.valueOf), 0)
        : () => this.message(inner as Shape);
    });
  }

  /**
   * Copies the fields of the message that the reader is in. A field with a copy of its own is entered for it, and left out
   * where that returns false.
   */
  #fields(copyOf: (tag: number) => (() => unknown) | undefined): void {
    const reader = this.#reader;
    while (!reader.done) {
      const from = reader.position;
      const tag = reader.tag();
      const copy = copyOf(tag);
      if (copy === undefined) {
        reader.skip(tag);
        this.writer.raw(reader.bytes.subarray(from, reader.position));
        continue;
      }
      const before = this.writer.length;
      const [start, outer] = [this.writer.begin(tag), reader.enter()];
      const isKept = copy() !== false;
      if (!isKept) reader.position = reader.end;
      reader.leave(outer);
      if (isKept) this.writer.end(start);
      else this.writer.length = before;
    }
  }

  #attribute(path: string, depth: number): void {
    const name = path + this.#keyAhead();
    this.#fields((tag) => (tag === KeyValueFields.value ? () => this.#value(name, depth) : undefined));
  }

  /** The key of the KeyValue that the reader is in: it may stand behind the value. */
  #keyAhead(): string {
    const reader = this.#reader;
    const start = reader.position;
    let key = '';
    while (!reader.done) {
      const tag = reader.tag();
      if (tag === KeyValueFields.key) key = reader.text();
      else reader.skip(tag);
    }
    reader.position = start;
    return key;
  }

  #value(name: string, depth: number): void {
    if (depth > MAX_VALUE_DEPTH)
      throw new RangeError(`values are nested deeper than ${MAX_VALUE_DEPTH} levels`);
    if (this.#isNamed(name)) {
      this.#reader.position = this.#reader.end;
      this.writer.string(AnyValueFields.stringValue, 'REDACTED');
      return;
    }
    const inMap = (tag: number) =>
      tag === KeyValueListFields.values ? () => this.#attribute(`${name}.`, depth + 1) : undefined;
    const inList = (tag: number) =>
      tag === ArrayValueFields.values ? () => this.#value(name, depth + 1) : undefined;
    this.#fields((tag) => {
      if (tag === AnyValueFields.kvlistValue) return () => this.#fields(inMap);
      return tag === AnyValueFields.arrayValue ? () => this.#fields(inList) : undefined;
    });
  }
}
