/** A dataset's name in URLs, as Honeycomb forms it: lower case, dashes for what a path cannot hold. */
export function slugOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9._~-]+/gu, '-');
}
