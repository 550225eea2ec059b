/** Figures by what they are. */
export type Figures = Readonly<Record<string, number>>;

/** Prints the figures. */
export function shown(figures: Figures): Figures {
  console.table(figures);
  return figures;
}
