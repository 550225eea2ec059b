export interface Editor {
  readonly id: string;
  readonly name: string;
  /** @param path absolute, with %XX in its parts @param at the line, and the column, as far as they are known */
  readonly link: (path: string, at: readonly number[]) => string;
}

/** A link in the form of VS Code, which other editors have as well. */
const linkOf = (scheme: string): Editor['link'] => {
  return (path, at) => `${scheme}://file/${[path.replace(/^\//u, ''), ...at].join(':')}`;
};

/** The first editor is the default. */
export const EDITORS: readonly [Editor, ...Editor[]] = [
  { id: 'vscode', name: 'VS Code', link: linkOf('vscode') },
  { id: 'cursor', name: 'Cursor', link: linkOf('cursor') },
  { id: 'zed', name: 'Zed', link: linkOf('zed') },
  {
    id: 'webstorm',
    name: 'WebStorm',
    link: (path, [line, column]) => {
      const place = [line !== undefined && `&line=${line}`, column !== undefined && `&column=${column}`];
      return `webstorm://open?file=${path}${place.filter((part) => part !== false).join('')}`;
    },
  },
];

/**
 * The line of code that the attributes `code.*` name, by their present names or by the names before version 1.30 of the conventions.
 *
 * @param folder that a relative path begins at; without it such a path is no link
 */
export function sourceOf(
  fields: Readonly<Record<string, unknown>>,
  editor: Editor = EDITORS[0],
  folder?: string,
): { readonly text: string; readonly name?: string; readonly href?: string } | undefined {
  const first = (...names: readonly string[]) => names.map((name) => fields[name]).find(isPresent);
  const file = first('code.file.path', 'code.filepath');
  if (typeof file !== 'string') return undefined;
  const given = file.replace(/^file:\/\//u, '').replaceAll('\\', '/');
  const isRelative = !/^(?:\/|[A-Za-z]:)/u.test(given);
  const path = isRelative && folder !== undefined ? `${folder.replaceAll('\\', '/')}/${given}` : given;
  const numbers = [first('code.line.number', 'code.lineno'), first('code.column.number', 'code.column')].map(
    Number,
  );
  const until = numbers.findIndex((number) => !(Number.isSafeInteger(number) && number > 0));
  const at = numbers.slice(0, until < 0 ? undefined : until);
  const name = first('code.function.name', 'code.function');
  // A path on another machine, such as `\\host\share`, is refused: opening it would send that machine a hash of the person's
  // password.
  const absolute = /^(?:\/(?!\?)|[A-Za-z]:\/)/u.test(path) && !path.includes('//');
  return {
    text: isRelative
      ? [given, ...at].join(':')
      : [path.split('/').slice(-2).join('/'), ...at.slice(0, 1)].join(':'),
    ...(typeof name === 'string' && { name }),
    ...(absolute && { href: editor.link(encoded(path), at) }),
  };
}

/** An absolute path with %XX in its parts, without `.` and `..`. */
function encoded(path: string): string {
  const { pathname } = new URL(path.split('/').map(encodeURIComponent).join('/'), 'file://');
  return pathname.replace(/^\/([A-Za-z])%3A\//u, '$1:/');
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
