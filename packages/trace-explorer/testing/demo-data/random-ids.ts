import { SeededRandom } from '@tandem/otlp/testing';

/** Random numbers that are the same for the same seed, and ids that are the same for the same seed of theirs. */
export class DemoRandom extends SeededRandom {
  readonly #ids: SeededRandom;

  constructor(seed: number, idSeed = seed) {
    super(seed);
    this.#ids = new SeededRandom(idSeed);
  }

  /** Hex digits of a trace id (16 bytes) or a span id (8 bytes). */
  id(bytes: 8 | 16): string {
    return `${this.#ids.text('123456789abcdef', 1)}${this.#ids.text('0123456789abcdef', bytes * 2 - 1)}`;
  }

  /** A duration whose logarithm is normally distributed around `median` milliseconds: most are near it, few far above. */
  duration(median: number, spread = 0.45): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(spread * normal);
  }
}
