import type { ComponentChildren } from 'preact';

/** Fewer traces than this have a line for each number of them. */
const FEW = 4;

interface SparkProps {
  readonly spark: readonly number[];
  readonly label: string;
  readonly width?: string;
  readonly height?: string;
}

/** The traces of a cause over the range, as bars in the colour of the text around them. */
export function CauseSpark({ spark, label, width = '148', height = '24' }: SparkProps) {
  const most = Math.max(1, ...spark);
  // One shape for all bars: a list has thousands of them.
  const bars = spark.map((count, at) =>
    count === 0 ? '' : `M${at + 0.1} 1v${-Math.max(0.12, count / most)}h.8V1z`,
  );
  return (
    <svg
      class="block"
      {...{ width, height }}
      fill="currentColor"
      viewBox={`0 0 ${spark.length} 1`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={`M0 1h${spark.length}v${-1 / Number(height)}H0z`} fill-opacity={0.4} />
      <path d={bars.join('')} />
    </svg>
  );
}

interface CauseChartProps {
  readonly spark: readonly number[];
  /** Words at both ends and in between. */
  readonly times: readonly string[];
  /** Whether more requests failed by it than a few: then it is red. */
  readonly isBad: boolean;
  /** What lies over the bars. */
  readonly children: ComponentChildren;
}

/** The bars with the numbers that they stand for. */
export function CauseChart({ spark, times, isBad, children }: CauseChartProps) {
  const most = Math.max(1, ...spark);
  const values = most < FEW ? Array.from({ length: most + 1 }, (_, i) => i) : [0, Math.ceil(most / 2), most];
  return (
    <figure class="cause-chart label column">
      <div class={isBad ? 'within error-text' : 'within faint'}>
        {values.map((value) => (
          <span key={value} class="cause-value placed faint" style={{ bottom: `${(100 * value) / most}%` }}>
            {value}
          </span>
        ))}
        <div class="within">
          <CauseSpark
            spark={spark}
            label={`Traces over time: ${spark.join(', ')}`}
            width="100%"
            height="82"
          />
        </div>
        {children}
      </div>
      <figcaption class="strip apart">
        {times.map((time, i) => (
          <span key={i}>{time}</span>
        ))}
      </figcaption>
    </figure>
  );
}
