import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import type { LineRange } from '../state/geometry.ts';

export interface MinimapPicture {
  readonly model: TraceModel;
  readonly rows: Int32Array;
  readonly range: LineRange;
  readonly colorOf: (index: number) => string;
  readonly errorColor: string;
}

/** Pixels of the whole picture, and of the margin above and below its rows. */
export const MINIMAP_HEIGHT = 24;
export const MINIMAP_MARGIN = 2;
const ROW_MOST = 4;

/** Pixels of a small row. */
export function rowPixels(rows: number): number {
  return Math.min(ROW_MOST, (MINIMAP_HEIGHT - 2 * MINIMAP_MARGIN) / Math.max(1, rows));
}

/** Most rectangles and triangles: 100,000 would block the page for 100 ms, these take less than 10 ms. */
const MAX_BARS = 5000;
const MAX_ERRORS = 2000;

/** Draws all visible rows small, with marks of the trace's errors at the top. */
export function drawMinimap(canvas: CanvasRenderingContext2D, width: number, picture: MinimapPicture): void {
  canvas.clearRect(0, 0, width, MINIMAP_HEIGHT);
  drawRows(canvas, width, picture);
  drawErrors(canvas, width, picture);
}

function drawRows(canvas: CanvasRenderingContext2D, width: number, picture: MinimapPicture): void {
  const { model, rows, colorOf } = picture;
  const toX = scale(picture.range, width);
  const height = rowPixels(rows.length);
  const step = Math.max(1, Math.ceil(rows.length / MAX_BARS));
  for (let row = 0; row < rows.length; row += step) {
    const index = rows[row] ?? 0;
    const offset = model.offset[index] ?? 0;
    const from = toX(offset);
    const to = toX(offset + (model.length[index] ?? 0));
    canvas.fillStyle = colorOf(index);
    canvas.fillRect(
      from,
      MINIMAP_MARGIN + row * height,
      Math.max(1.5, to - from),
      Math.max(1, height - Math.min(1, height / 2)),
    );
  }
}

/** Draws a triangle at the top and a line down from it, so that an error has a shape as well as a colour. */
function drawErrors(canvas: CanvasRenderingContext2D, width: number, picture: MinimapPicture): void {
  const { model, errorColor } = picture;
  const toX = scale(picture.range, width);
  const taken = new Uint8Array(Math.ceil(width) + 1);
  canvas.fillStyle = errorColor;
  for (const index of model.errors.slice(0, MAX_ERRORS)) {
    const x = Math.round(toX((model.offset[index] ?? 0) + (model.length[index] ?? 0)));
    if (x < 0 || x > width || taken[x] === 1) continue;
    taken[x] = 1;
    canvas.beginPath();
    canvas.moveTo(x - 4, 0);
    canvas.lineTo(x + 4, 0);
    canvas.lineTo(x, 6);
    canvas.fill();
    canvas.fillRect(x - 0.5, 5, 1, MINIMAP_HEIGHT - 5);
  }
}

function scale([from, to]: LineRange, width: number): (at: number) => number {
  const factor = width / (to - from || 1);
  return (at) => (at - from) * factor;
}
