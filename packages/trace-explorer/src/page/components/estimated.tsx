/** Says that numbers are estimates where sampled spans count by their rates. */
export function Estimated({ of }: { of: { readonly estimated: boolean } | undefined }) {
  return of?.estimated ? (
    <span class="muted">≈ Estimated: a sampled span counts as often as its sample rate says.</span>
  ) : null;
}
