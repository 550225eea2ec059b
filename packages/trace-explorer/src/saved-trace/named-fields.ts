/** Names of fields whose values are often secret. */
const SECRET =
  /(?:^|[._-])(?:authorization|cookie|set-cookie|password|passwd|secret|token|credentials?|api[._-]?key|session[._-]?id)(?:$|[._-])/i;

/** Whether a field with this name often has a secret value. */
export function looksSecret(name: string): boolean {
  return SECRET.test(name);
}

/** Whether one of the names matches a field. A name that ends with `*` matches all names with this beginning. */
export function isNamed(field: string, names: readonly string[]): boolean {
  return names.some((name) => (name.endsWith('*') ? field.startsWith(name.slice(0, -1)) : field === name));
}
