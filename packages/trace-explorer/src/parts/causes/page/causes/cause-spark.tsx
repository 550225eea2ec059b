/** The traces of a cause over the range, as bars. */
export function CauseSpark({ spark, label }: { spark: readonly number[]; label: string }) {
  const most = Math.max(1, ...spark);
  return (
    <svg
      class="cause-spark"
      viewBox={`0 0 ${spark.length} 1`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <rect y={0.96} width={spark.length} height={0.04} opacity={0.4} />
      {spark.map((count, at) => {
        const height = count === 0 ? 0 : Math.max(0.12, count / most);
        return <rect key={at} x={at + 0.1} y={1 - height} width={0.8} height={height} />;
      })}
    </svg>
  );
}
