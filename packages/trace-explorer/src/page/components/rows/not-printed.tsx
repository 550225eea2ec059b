import { formatCount } from '../../format.ts';

/** Says how many rows of a long list are not printed. Empty when all rows are printed. */
export function NotPrinted({ count, what }: { count: number; what: string }) {
  if (count === 0) return null;
  return (
    <p class="muted">
      {formatCount(count)} more {what} are not printed.
    </p>
  );
}
