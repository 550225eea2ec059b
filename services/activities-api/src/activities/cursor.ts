/** Where a page ends: the next one begins with the first activity older than this. */
export interface Position {
  readonly createdAt: string;
  readonly uuid: string;
}

const POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The position as an opaque text for URLs. */
export function encodeCursor({ createdAt, uuid }: Position): string {
  return Buffer.from(`${createdAt} ${uuid}`).toString('base64url');
}

/** Reads what encodeCursor wrote; undefined for anything else. */
export function decodeCursor(cursor: string): Position | undefined {
  const match = POSITION.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match?.[1] === undefined || match[2] === undefined || Number.isNaN(Date.parse(match[1])))
    return undefined;
  return { createdAt: match[1], uuid: match[2] };
}

/** No activity is older at the same time. */
const LEAST_UUID = '00000000-0000-0000-0000-000000000000';

/** The position after all that was made at a time or since. */
export function startOf(createdAt: string): Position {
  return { createdAt, uuid: LEAST_UUID };
}

/** Whether nothing at the position's own time is older. */
export function isStart({ uuid }: Position): boolean {
  return uuid === LEAST_UUID;
}
