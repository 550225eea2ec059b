/** The longest exact decimal of a double has some 1,080 characters. */
const MOST_CHARACTERS = 1_100;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/u;

/** The number that a text represents in decimal notation; NaN for any other text. */
export function decimalOf(text: string): number {
  return text.length <= MOST_CHARACTERS && DECIMAL.test(text) ? Number(text) : Number.NaN;
}
