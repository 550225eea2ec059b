/** One bar of a picture. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The text at the end of the bar: the value and its unit. */
  readonly text: string;
  /** The project's own bars have the accent colour. */
  readonly isOurs: boolean;
}

/** Bars below one title. All bars of a group have one scale that begins at 0. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const COLORS = {
  light: { text: '#1f2328', faint: '#59636e', ours: '#0969da', other: '#afb8c1' },
  dark: { text: '#f0f6fc', faint: '#9198a1', ours: '#4493f8', other: '#59636e' },
} as const;
const WIDTH = 820;
const LABELS = 290; // left of the bars
const VALUES = 130; // right of the longest bar
const LINE = 28;
const BAR = 16;
const TITLE = 36;

/** Groups of horizontal bars as an SVG with a transparent background, for a page of this colour scheme. */
export function barsSvg(groups: readonly BarGroup[], scheme: keyof typeof COLORS): string {
  const color = COLORS[scheme];
  const parts: string[] = [];
  let y = 0;
  for (const { title, bars } of groups) {
    const most = Math.max(...bars.map(({ value }) => value));
    parts.push(`<text x="0" y="${y + 22}" fill="${color.text}" font-weight="600">${escaped(title)}</text>`);
    y += TITLE;
    for (const { name, value, text, isOurs } of bars) {
      const width = Math.max(1, Math.round((value / most) * (WIDTH - LABELS - VALUES)));
      const middle = y + BAR / 2 + 4;
      parts.push(
        `<text x="${LABELS - 12}" y="${middle}" text-anchor="end" fill="${isOurs ? color.text : color.faint}">${escaped(name)}</text>`,
        `<rect x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2" fill="${isOurs ? color.ours : color.other}"/>`,
        `<text x="${LABELS + width + 8}" y="${middle}" fill="${color.text}">${escaped(text)}</text>`,
      );
      y += LINE;
    }
  }
  const titles = groups.map(({ title }) => title).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(titles)}</title>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
