/** The scheme and authority of a target in absolute form, `http://host/a?b` (RFC 9112, 3.2.2). */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;

/**
 * A request's target without scheme and authority: the path and what follows it. Proxies' clients send both, and
 * what they name there is not ours to repeat.
 *
 * @example
 * originForm('http://elsewhere.example/a?b'); // '/a?b'
 */
export function originForm(target: string): string {
  const rest = target.replace(ABSOLUTE, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}
