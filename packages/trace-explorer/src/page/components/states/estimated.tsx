interface EstimatedProps {
  readonly of: { readonly estimated: boolean; readonly one_trace_in?: number } | undefined;
  readonly part?: string;
}

/** Says that numbers are estimates: sampled spans count by their rates, or a sample of the traces stands for all. */
export function Estimated(props: EstimatedProps) {
  return estimatedTexts(props).map((text) => (
    <span key={text} class="muted">
      {text}
    </span>
  ));
}

/** Why numbers with ≈ are estimates, a sentence for each reason. */
export function estimatedTexts({ of, part }: EstimatedProps): readonly string[] {
  const { estimated = false, one_trace_in: oneIn } = of ?? {};
  return [
    ...(estimated
      ? ['≈ Estimated from a sample of the spans: a span with sample rate 10 stands for 10 spans.']
      : []),
    ...(oneIn !== undefined && part !== undefined
      ? [`≈ ${part}: those of one trace in ${oneIn}, times ${oneIn}.`]
      : []),
  ];
}
