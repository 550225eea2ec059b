/** Each distinct value once, in the order in which it first came; others refer to it by its position. */
export class Distinct<T> {
  readonly list: T[] = [];
  readonly #positions = new Map<T, number>();

  /** The position of a value, which is added when it is new. */
  add(value: T): number {
    const known = this.#positions.get(value);
    if (known !== undefined) return known;
    const position = this.list.push(value) - 1;
    this.#positions.set(value, position);
    return position;
  }
}
