import { withEqualNames } from '../conventions/attributes.ts';
import { fieldOfAttribute } from '../fields/core-fields.ts';
import { isNamed } from './named-fields.ts';

/**
 * The fields whose values somebody's names leave out: the one list of rules. `Redaction` applies it to messages, and finds
 * copies of the values; `redactAttributes` applies it to the bytes of a request, which stay as they are otherwise.
 */
export class RedactedFields {
  /** By each given name, all names of its meaning. */
  readonly #names: ReadonlyMap<string, readonly string[]>;
  readonly #used = new Set<string>();

  /**
   * @param names see {@link isNamed}
   * @param namesOf further names that a name stands for; without it, an old and a present name of the conventions are one
   */
  constructor(names: readonly string[], namesOf = withEqualNames) {
    this.#names = new Map(names.map((name) => [name, namesOf(name)]));
  }

  /** Whether the value of a field is left out. @param path as in a query: `user.name` is also `name` in the map `user` */
  has(path: string): boolean {
    const field = fieldOfAttribute(path, 'string', '', 'trace');
    let any = false;
    for (const [given, names] of this.#names) {
      if (!isNamed(path, names) && !isNamed(field, names)) continue;
      this.#used.add(given);
      any = true;
    }
    return any;
  }

  /** The given names that a field had. */
  used(): string[] {
    return [...this.#used];
  }

  /** The given names that no field had. */
  unused(): string[] {
    return [...this.#names.keys()].filter((name) => !this.#used.has(name));
  }
}
