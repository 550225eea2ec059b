/**
 * A value that all copies of this package in a process share. A service that is bundled has a copy beside the one that
 * `--import` has loaded.
 *
 * @param name with a number that changes with the type of the value
 */
export function processWide<T>(name: string, initial: T): { value: T } {
  const key = Symbol.for(`@tandem/telemetry ${name}`);
  const shared = Reflect.get(globalThis, key) ?? { value: initial };
  Reflect.set(globalThis, key, shared);
  return shared;
}
