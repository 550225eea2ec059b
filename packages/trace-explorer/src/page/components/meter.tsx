interface MeterProps {
  readonly share: number;
  readonly from?: number;
  /** The ink's when left out. */
  readonly color?: string | undefined;
}

/** A share of a whole as a bar. The figure stands beside it. */
export function Meter({ share, from = 0, color }: MeterProps) {
  return (
    <span
      class="meter"
      aria-hidden="true"
      style={{
        // A position is a share of what the bar leaves free.
        backgroundPosition: `${(100 * from) / (1 - share || 1)}%`,
        backgroundSize: `${100 * share}% 100%`,
        color,
      }}
    />
  );
}

/** The share of a selection above that of the others. */
export function SharePair({ own, others }: { own: number; others: number }) {
  return (
    <span class="share-pair" aria-hidden="true">
      <span class="selection" style={{ width: `${100 * own}%`, background: 'var(--accent)' }} />
      <span style={{ width: `${100 * others}%`, background: 'var(--line2)' }} />
    </span>
  );
}
