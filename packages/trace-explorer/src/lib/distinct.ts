/** Each distinct value once, in the order of first use. Other data refers to a value by its position. */
export class Distinct<T> {
  readonly list: T[] = [];
  readonly #positions = new Map<T, number>();

  /** The position of a value. A new value is added. */
  add(value: T): number {
    const known = this.#positions.get(value);
    if (known !== undefined) return known;
    const position = this.list.push(value) - 1;
    this.#positions.set(value, position);
    return position;
  }
}
