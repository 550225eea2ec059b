/** Names of fields whose values are often secret. */
const SECRET =
  /(?:^|[._-])(?:authorization|cookie|set-cookie|password|passwd|secret|token|credentials?|api[._-]?key|session[._-]?id)(?:$|[._-])/i;

/** Whether a field of this name often has a secret value. */
export function looksSecret(name: string): boolean {
  return SECRET.test(name);
}

/** Whether one of these names means a field; a name that ends with `*` stands for all names that begin so. */
export function isNamed(field: string, names: readonly string[]): boolean {
  return names.some((name) => (name.endsWith('*') ? field.startsWith(name.slice(0, -1)) : field === name));
}
