interface EstimatedProps {
  readonly of: { readonly estimated: boolean; readonly one_trace_in?: number } | undefined;
  readonly part?: string;
}

/** Says that numbers are estimates: sampled spans count by their rates, or a sample of the traces stands for all. */
export function Estimated({ of, part }: EstimatedProps) {
  if (of === undefined) return null;
  const { estimated, one_trace_in: oneIn } = of;
  return (
    <>
      {estimated && (
        <span class="muted">
          ≈ Estimated from a sample of the spans: a span with sample rate 10 stands for 10 spans.
        </span>
      )}
      {oneIn !== undefined && part !== undefined && (
        <span class="muted">
          ≈ {part}: those of one trace in {oneIn}, times {oneIn}.
        </span>
      )}
    </>
  );
}
