/** The scores that a view of this page has read last. The map marks low ones; to read them for the map alone would cost too much. */
const scores = new Map<string, number>();

/** Keeps the scores of a report. */
export function rememberScores(
  services: readonly { readonly service: string; readonly score: number }[],
): void {
  for (const { service, score } of services) scores.set(service, score);
}

/** A service's score; undefined when no view has read it. */
export function knownScore(service: string): number | undefined {
  return scores.get(service);
}
