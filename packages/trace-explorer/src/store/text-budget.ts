import { CORE_FIELDS } from '../fields/core-fields.ts';
import { cutText, MAX_TEXT_BYTES } from './cut-text.ts';

/** Bytes of a text that comes after the long ones. */
const SHORT_TEXT_BYTES = 256;

/** Cuts the texts of a row to what there is room for: DuckDB reads 2,048 whole rows at a time. */
export class TextBudget {
  readonly #longBytes: number;
  readonly #maxBytes: number;
  /** Bytes so far. */
  bytes = 0;

  /**
   * @param longBytes past which further texts are cut to the length of a short one
   * @param maxBytes past which further fields stand in the span alone and cannot be queried
   */
  constructor(longBytes: number, maxBytes: number) {
    this.#longBytes = longBytes;
    this.#maxBytes = maxBytes;
  }

  /** The text as there is room for it; undefined when there is none. What the explorer itself needs always has some. */
  fitting(field: string, text: string): string | undefined {
    let fitting = text;
    let bytes = text.length;
    if (bytes > SHORT_TEXT_BYTES / 3) {
      fitting = cutText(text, this.bytes > this.#longBytes ? SHORT_TEXT_BYTES : MAX_TEXT_BYTES);
      bytes = Buffer.byteLength(fitting);
    }
    return this.spend(field, bytes) ? fitting : undefined;
  }

  /** Takes room for a value of so many bytes; false when there is none. */
  spend(field: string, bytes: number): boolean {
    if (this.bytes + bytes > this.#maxBytes && !CORE_FIELDS.has(field)) return false;
    this.bytes += bytes;
    return true;
  }
}
