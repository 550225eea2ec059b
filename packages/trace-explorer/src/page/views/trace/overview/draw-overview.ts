import type { TimeRange } from '../grid/geometry.ts';
import type { TraceModel } from '../model/trace-model.ts';

export interface OverviewPicture {
  readonly model: TraceModel;
  readonly rows: Int32Array;
  readonly range: TimeRange;
  readonly colorOf: (place: number) => string;
  readonly errorColor: string;
  readonly lineColor: string;
}

/** Pixels: a row for the marks of errors, six levels, a gap, the minimap. */
const ERROR_ROW = 8;
const LEVEL_HEIGHT = 5;
const LEVELS = 6;
export const MINIMAP_TOP = ERROR_ROW + LEVELS * LEVEL_HEIGHT + 6;
export const MINIMAP_HEIGHT = 48;
export const OVERVIEW_HEIGHT = MINIMAP_TOP + MINIMAP_HEIGHT;

/** Rectangles drawn at most for each part: 100,000 would block the page for 100 ms, these take under 10. */
const MAX_BARS = 5000;
const MAX_ERRORS = 2000;

/** Draws the trace's first six levels with its errors above them, and below all visible rows in little. */
export function drawOverview(
  canvas: CanvasRenderingContext2D,
  width: number,
  picture: OverviewPicture,
): void {
  canvas.clearRect(0, 0, width, OVERVIEW_HEIGHT);
  canvas.fillStyle = picture.lineColor;
  canvas.fillRect(0, MINIMAP_TOP - 4, width, 1);
  drawLevels(canvas, width, picture);
  drawRows(canvas, width, picture);
  drawErrors(canvas, width, picture);
}

function drawLevels(canvas: CanvasRenderingContext2D, width: number, picture: OverviewPicture): void {
  const { model, colorOf } = picture;
  const taken = Array.from({ length: LEVELS }, () => new Uint8Array(Math.ceil(width) + 1));
  const toX = scale(picture.range, width);
  let drawn = 0;
  for (let place = 0; place < model.count && drawn < MAX_BARS; place++) {
    const level = model.depth[place] ?? 0;
    const pixels = taken[level];
    if (pixels === undefined) continue;
    const offset = model.offset[place] ?? 0;
    const from = toX(offset);
    const to = toX(offset + (model.length[place] ?? 0));
    if (to < 0 || from > width) continue;
    // A pixel that is painted already need not be painted again.
    const pixel = Math.max(0, Math.floor(from));
    if (to - from < 1 && pixels[pixel] === 1) continue;
    pixels[pixel] = 1;
    canvas.fillStyle = colorOf(place);
    canvas.fillRect(from, ERROR_ROW + level * LEVEL_HEIGHT, Math.max(1, to - from - 0.5), LEVEL_HEIGHT - 1);
    drawn++;
  }
}

function drawRows(canvas: CanvasRenderingContext2D, width: number, picture: OverviewPicture): void {
  const { model, rows, colorOf } = picture;
  const toX = scale(picture.range, width);
  const height = Math.min(4, MINIMAP_HEIGHT / Math.max(1, rows.length));
  const step = Math.max(1, Math.ceil(rows.length / MAX_BARS));
  for (let row = 0; row < rows.length; row += step) {
    const place = rows[row] ?? 0;
    const offset = model.offset[place] ?? 0;
    const from = toX(offset);
    const to = toX(offset + (model.length[place] ?? 0));
    canvas.fillStyle = colorOf(place);
    canvas.fillRect(from, MINIMAP_TOP + row * height, Math.max(1, to - from), Math.max(1, height * 0.75));
  }
}

/** A triangle above the levels and a line through them: a shape, not a colour alone. */
function drawErrors(canvas: CanvasRenderingContext2D, width: number, picture: OverviewPicture): void {
  const { model, errorColor } = picture;
  const toX = scale(picture.range, width);
  const taken = new Uint8Array(Math.ceil(width) + 1);
  canvas.fillStyle = errorColor;
  for (const place of model.errors.slice(0, MAX_ERRORS)) {
    const x = Math.round(toX((model.offset[place] ?? 0) + (model.length[place] ?? 0)));
    if (x < 0 || x > width || taken[x] === 1) continue;
    taken[x] = 1;
    canvas.beginPath();
    canvas.moveTo(x - 4, 0);
    canvas.lineTo(x + 4, 0);
    canvas.lineTo(x, ERROR_ROW - 1);
    canvas.fill();
    const level = Math.min(LEVELS - 1, model.depth[place] ?? 0);
    canvas.fillRect(x - 0.5, ERROR_ROW - 1, 1, (level + 1) * LEVEL_HEIGHT);
  }
}

function scale([from, to]: TimeRange, width: number): (at: number) => number {
  const factor = width / (to - from || 1);
  return (at) => (at - from) * factor;
}
