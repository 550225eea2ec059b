/**
 * Calls `keep` before this thread blocks in `Atomics.wait`, as the threads of piscina and tinypool do between two tasks. A
 * blocked thread sends nothing, and its owner may end it without an event. Node tells nobody of either, so this replaces
 * `Atomics.wait` in the thread.
 *
 * @param keep does not throw
 * @returns how to stop
 */
export function beforeBlocking(keep: () => void): () => void {
  const { wait } = Atomics;
  function keepAndWait(...args: Parameters<typeof wait>): ReturnType<typeof wait> {
    keep();
    return wait(...args);
  }
  Reflect.set(Atomics, 'wait', keepAndWait); // not where the host has frozen it
  return () => {
    if (Atomics.wait === keepAndWait) Atomics.wait = wait;
  };
}
