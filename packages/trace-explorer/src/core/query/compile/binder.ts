import { randomBytes } from 'node:crypto';

export type BoundType = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN';

type BoundValue = string | number | bigint | boolean;

export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Collects the values of a query. A user's text reaches SQL only as a bound value. */
export class Binder {
  readonly #values: BoundValue[] = [];
  readonly #known = new Map<string, string>();
  /** Marks placeholders until the statement is finished. The mark is random, so that no column's SQL contains it. */
  readonly #mark = `:${randomBytes(6).toString('hex')}:`;

  /** Binds a value and returns the expression that stands for it. */
  bind(value: BoundValue, type: BoundType): string {
    const key = `${type}:${value}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const expression = `${this.#mark}${this.#values.length};::${type}`;
    this.#values.push(value);
    this.#known.set(key, expression);
    return expression;
  }

  /** Numbers the placeholders. A statement takes exactly the values that it uses, which may be fewer than all. */
  finish(sql: string): Statement {
    const [first = '', ...rest] = sql.split(this.#mark);
    const numbers = new Map<string, number>();
    const values: unknown[] = [];
    const numbered = rest.map((piece) => {
      const end = piece.indexOf(';');
      const index = piece.slice(0, end);
      if (!numbers.has(index)) numbers.set(index, values.push(this.#values[Number(index)]));
      return `$${numbers.get(index)}${piece.slice(end + 1)}`;
    });
    return { sql: first + numbered.join(''), values };
  }
}
