import { escapeHtml } from '../http/escape-html.ts';
import { formatDuration } from '../shared/format-duration.ts';
import { visibleName } from '../shared/harmless-text.ts';
import { serviceColors } from '../shared/service-color.ts';
import { counted } from '../shared/words.ts';
import { findingsOf } from '../traces/findings/rules.ts';
import type { TraceModel } from '../traces/model/trace-model.ts';

/** Width of the picture in pixels. */
const WIDTH = 1000;
const NAMES = 380;
const ROW = 20;
const PAD = 16;
const INDENT = 12;
/** Room for a duration after the longest bar. */
const DURATION = 70;
const LINE = WIDTH - NAMES - DURATION - PAD;

/** Most pixels of a character, for cutting texts. */
const CHARACTER = 6.6;

/** Most rows. Nobody reads a longer picture. */
const MAX_ROWS = 200;
const MAX_SERVICES = 20;
const LEGEND_COLUMNS = 5;
const LEGEND_WIDTH = 190;
const MAX_FINDINGS = 5;
/** Most levels of indentation. */
const MAX_DEPTH = 12;

/**
 * A trace as an SVG picture: a bar for each span, a legend of its services, and its findings. The picture has no script and
 * loads nothing. It follows the reader's light or dark colours.
 *
 * @param given the colours of services, as in other views
 */
export function tracePicture(model: TraceModel, given: ReadonlyMap<string, string>): string {
  const rows = Math.min(model.count, MAX_ROWS);
  const names = model.services.map(({ name }) => name);
  const colors = serviceColors(names, given);
  const parts: string[] = [];
  let y = PAD;
  const line = (content: string, kind = '') => {
    parts.push(`<text x="${PAD}" y="${y + 14}"${kind && ` class="${kind}"`}>${content}</text>`);
    y += ROW;
  };
  const title = `${visibleName(model.name(0))} · ${formatDuration(model.duration / 1e6)} · ${counted(model.count, 'span')}`;
  line(fitting(title, WIDTH - 2 * PAD), 'title');
  for (const [index, name] of names.slice(0, MAX_SERVICES).entries()) {
    const x = PAD + (index % LEGEND_COLUMNS) * LEGEND_WIDTH;
    if (index > 0 && index % LEGEND_COLUMNS === 0) y += ROW;
    parts.push(
      `<rect x="${x}" y="${y + 4}" width="12" height="12" rx="2" fill="${colors.get(name)}"/>`,
      `<text x="${x + 18}" y="${y + 14}">${fitting(visibleName(name), LEGEND_WIDTH - 24)}</text>`,
    );
  }
  y += ROW * 1.5;
  for (let index = 0; index < rows; index++) {
    parts.push(row(model, index, y, colors.get(model.service(index)) ?? 'gray'));
    y += ROW;
  }
  if (rows < model.count) line(`… and ${model.count - rows} more spans`, 'muted');
  const findings = findingsOf(model);
  if (findings.length > 0) y += ROW / 2;
  for (const { sentence } of findings.slice(0, MAX_FINDINGS)) line(fitting(`⚠ ${sentence}`, WIDTH - 2 * PAD));
  const more = findings.length - MAX_FINDINGS;
  if (more > 0) line(`… and ${counted(more, 'more finding')}`, 'muted');
  const height = y + PAD;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeHtml(title)}">
<style>
svg { font: 12px system-ui, sans-serif; background: #fff; fill: #1b1f24 }
.title { font-weight: 600; font-size: 14px }
.muted { fill: #57606a }
.grid { stroke: #dadee3 }
.failed { stroke: #b3261e; stroke-width: 2 }
.mark { fill: #b3261e }
@media (prefers-color-scheme: dark) {
svg { background: #14171b; fill: #e5e8eb }
.muted { fill: #9da7b3 }
.grid { stroke: #323941 }
.failed { stroke: #ff8f85 }
.mark { fill: #ff8f85 }
}
</style>
${parts.join('\n')}
</svg>
`;
}

function row(model: TraceModel, index: number, y: number, color: string): string {
  const indent = Math.min(MAX_DEPTH, model.depth[index] ?? 0) * INDENT;
  const whole = model.duration || 1;
  const at = (nanoseconds: number) => Math.min(1, Math.max(0, nanoseconds / whole)) * LINE;
  const left = NAMES + at(model.offset[index] ?? 0);
  const length = model.length[index] ?? 0;
  // A span that is too short to see still shows its place.
  const width = Math.max(2, Math.min(at(length), NAMES + LINE - left));
  const isFailed = model.error[index] === 1;
  const mark = isFailed ? '<tspan class="mark">✗ </tspan>' : '';
  const name = fitting(visibleName(model.name(index)), NAMES - PAD - indent - 24);
  return [
    `<line class="grid" x1="${PAD}" x2="${WIDTH - PAD}" y1="${y + ROW}" y2="${y + ROW}"/>`,
    `<text x="${PAD + indent}" y="${y + 14}">${mark}${name}</text>`,
    `<rect${isFailed ? ' class="failed"' : ''} x="${left.toFixed(1)}" y="${y + 4}" width="${width.toFixed(1)}" height="12" rx="2" fill="${color}"/>`,
    `<text class="muted" x="${(left + width + 6).toFixed(1)}" y="${y + 14}">${formatDuration(length / 1e6)}</text>`,
  ].join('\n');
}

/** A text cut to a width in pixels, safe in XML. */
function fitting(text: string, pixels: number): string {
  const characters = [...text];
  const most = Math.floor(pixels / CHARACTER);
  return escapeHtml(characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`);
}
