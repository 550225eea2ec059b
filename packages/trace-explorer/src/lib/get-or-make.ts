/** The value of a key. Without one, it makes the value and keeps it. */
export function getOrMake<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** What a function works out of a model, once for each model, and forgotten with it. */
export function perModel<M extends object, T>(make: (model: M) => T): (model: M) => T {
  const made = new WeakMap<M, T>();
  // No function is made for each question: rules ask for each span.
  return (model) => {
    const known = made.get(model);
    if (known !== undefined) return known;
    const own = make(model);
    made.set(model, own);
    return own;
  };
}
