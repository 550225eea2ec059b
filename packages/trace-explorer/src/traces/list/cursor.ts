/** Where a page of traces ended: the last trace and its place in the order. */
export interface Cursor {
  readonly order: 'newest' | 'slowest';
  /** Nanoseconds: start or duration. */
  readonly key: string;
  readonly traceId: string;
}

/** An opaque text for a URL. */
export function encodeCursor({ order, key, traceId }: Cursor): string {
  return Buffer.from(`${order} ${key} ${traceId}`).toString('base64url');
}

/** Undefined for a text that is no cursor, or one of another order. */
export function decodeCursor(text: string, order: Cursor['order']): Cursor | undefined {
  const match = /^(newest|slowest) (-?\d{1,19}) ([0-9a-f]{1,64})$/.exec(
    Buffer.from(text, 'base64url').toString(),
  );
  const [, of, key, traceId] = match ?? [];
  if (of !== order || key === undefined || traceId === undefined) return undefined;
  return { order, key, traceId };
}
