/** The one object on the global one that has all of these values. */
const KEY = Symbol.for('@tandem/telemetry');

/**
 * A value that all copies of this package in a process share. A bundled service has its own copy, `--import` loads another copy,
 * and tsx loads the parts that a process needs late as a copy.
 *
 * @param name with a number that changes with the type of the value
 */
export function processWide<T>(name: string, initial: T): { value: T } {
  const shared: Record<string, { value: T }> = Reflect.get(globalThis, KEY) ?? {};
  Reflect.set(globalThis, KEY, shared);
  shared[name] ??= { value: initial };
  return shared[name];
}
