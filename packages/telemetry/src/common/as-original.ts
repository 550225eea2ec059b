/** Gives a function that stands in place of another one the name and the length of that one. */
export function asOriginal<F extends (...args: never[]) => unknown>(replaced: F, original: object): F {
  const { name = {}, length = {} } = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  return Object.defineProperties(replaced, { name, length });
}
