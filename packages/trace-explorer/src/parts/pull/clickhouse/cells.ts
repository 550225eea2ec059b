import { CliError } from '../../../core/command/client/explorer-client.ts';

// What answers there may be anything: a cell is read by the kind that its statement asks for.

/** A text, or a number as text. @throws CliError for another cell */
export function textOf(cell: unknown): string {
  if (typeof cell === 'string' || typeof cell === 'number') return String(cell);
  throw malformed('text');
}

/** A whole number from 0 on, which comes as a number or, of 64 bits, as text. @throws CliError for another cell */
export function countOf(cell: unknown): number {
  const count = typeof cell === 'string' && /^\d{1,20}$/.test(cell) ? Number(cell) : cell;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw malformed('whole number');
}

/** A number from 0 on; 0 for `null`, as which JSON has the quantile of nothing. @throws CliError for another cell */
export function numberOf(cell: unknown): number {
  if (cell === null) return 0;
  if (typeof cell === 'number' && Number.isFinite(cell) && cell >= 0) return cell;
  throw malformed('number');
}

function malformed(kind: string): CliError {
  return new CliError(
    `The engine’s answer is not as its statement asks: a ${kind} was expected in a row, and something else came. Look whether it is ClickHouse, and whether something in between changes its answers.`,
  );
}
