/** The facts of a value that a page has thrown. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** Reads a value that a page has thrown, which may be anything. Reading it may run code of the page; what that throws is caught here. */
export function readThrown(thrown: unknown): Thrown {
  try {
    if (thrown instanceof Error) return { name: thrown.name, message: thrown.message, stack: thrown.stack };
    if (typeof thrown !== 'object' || thrown === null) return { name: 'Error', message: String(thrown) };
    const { message } = thrown as { readonly message?: unknown };
    if (typeof message === 'string') return { name: 'Error', message };
    const members = Object.keys(thrown).slice(0, 10).join(', ');
    return { name: 'Error', message: `an object without a message: { ${members} }` };
  } catch {
    return { name: 'Error', message: 'an object that cannot be read' };
  }
}
