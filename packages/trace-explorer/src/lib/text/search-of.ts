/** Query parameters without absent values. A list gives one parameter per item. */
export function searchOf(values: object): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const each of [value ?? []].flat()) search.append(name, String(each));
  }
  return search;
}
