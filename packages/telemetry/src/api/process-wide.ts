/**
 * A value that all copies of this package in a process share. A bundled service has its own copy, and `--import` loads
 * another copy.
 *
 * @param name with a number that changes with the type of the value
 */
export function processWide<T>(name: string, initial: T): { value: T } {
  const key = Symbol.for(`@tandem/telemetry ${name}`);
  const shared = Reflect.get(globalThis, key) ?? { value: initial };
  Reflect.set(globalThis, key, shared);
  return shared;
}
