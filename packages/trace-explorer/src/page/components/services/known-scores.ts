/** The scores that a view of this page has read last. The map marks low ones; to read them for the map alone would cost too much. */
export const knownScores = new Map<string, number>();
