/** The keys of handlers, by the prototypes of requests: a process may have several versions of undici. */
const keys = new WeakMap<object, symbol>();

/** The handler of a request of undici, which its dispatcher may have wrapped. */
export function handlerOf(request: object): object | undefined {
  const prototype = Object.getPrototypeOf(request);
  let key = keys.get(prototype);
  if (key === undefined) {
    key = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'handler');
    if (key === undefined) return undefined;
    keys.set(prototype, key);
  }
  const handler = Reflect.get(request, key);
  return typeof handler === 'object' && handler !== null ? handler : undefined;
}
