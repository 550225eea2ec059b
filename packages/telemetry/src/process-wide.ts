/**
 * A value that all copies of this package in a process share: a service that is bundled, or installed in a folder of its
 * own, has one beside that which `--import` has loaded.
 *
 * @param name with a number that changes with what the value looks like
 */
export function processWide<T>(name: string, initial: T): { value: T } {
  const key = Symbol.for(`@tandem/telemetry ${name}`);
  const shared = Reflect.get(globalThis, key) ?? { value: initial };
  Reflect.set(globalThis, key, shared);
  return shared;
}
