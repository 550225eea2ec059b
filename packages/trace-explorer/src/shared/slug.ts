/** A dataset's name in URLs, in Honeycomb's form: lower case, with dashes for characters that a path cannot hold. */
export function slugOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9._~-]+/gu, '-');
}
