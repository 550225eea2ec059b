/** Where the attributes `code.*` say that a span comes from, in today's names or those before version 1.30 of the conventions. */
export function sourceOf(
  fields: Readonly<Record<string, unknown>>,
): { readonly text: string; readonly name?: string; readonly href?: string } | undefined {
  const first = (...names: readonly string[]) => names.map((name) => fields[name]).find(isPresent);
  const file = first('code.file.path', 'code.filepath');
  if (typeof file !== 'string') return undefined;
  const path = file.replace(/^file:\/\//u, '').replaceAll('\\', '/');
  const numbers = [first('code.line.number', 'code.lineno'), first('code.column.number', 'code.column')].map(
    Number,
  );
  const until = numbers.findIndex((number) => !(Number.isSafeInteger(number) && number > 0));
  const at = numbers.slice(0, until < 0 ? undefined : until).map((number) => `:${number}`);
  const name = first('code.function.name', 'code.function');
  const absolute = /^(?:\/|[A-Za-z]:\/)/u.test(path);
  const encoded = path
    .split('/')
    .map(encodeURIComponent)
    .join('/')
    .replace(/^([A-Za-z])%3A\//u, '$1:/');
  return {
    text: `${path.split('/').slice(-2).join('/')}${at[0] ?? ''}`,
    ...(typeof name === 'string' && { name }),
    ...(absolute && { href: `vscode://file/${encoded.replace(/^\//u, '')}${at.join('')}` }),
  };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
