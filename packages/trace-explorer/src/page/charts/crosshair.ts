import { useLayoutEffect, useState } from 'preact/hooks';

/** The moment that the pointer, or the arrow keys, are at in one of several charts over the same time. */
export class Crosshair {
  #at: number | undefined;
  readonly #listeners = new Set<(at: number | undefined) => void>();

  /** Seconds since the epoch; undefined when no chart is pointed at. */
  get at(): number | undefined {
    return this.#at;
  }

  set(at: number | undefined): void {
    if (at === this.#at) return;
    this.#at = at;
    for (const listener of this.#listeners) listener(at);
  }

  listen(listener: (at: number | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** Where the crosshair is; the component renders again when it moves. */
export function useCrosshair(crosshair: Crosshair): number | undefined {
  const [at, setAt] = useState(crosshair.at);
  useLayoutEffect(() => crosshair.listen(setAt), [crosshair]);
  return at;
}
