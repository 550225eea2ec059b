import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { rowOf } from '../state/folding.ts';
import type { LineRange } from '../state/geometry.ts';

export interface MinimapPicture {
  readonly model: TraceModel;
  readonly rows: Int32Array;
  readonly range: LineRange;
  readonly colorOf: (index: number) => string;
  readonly errorColor: string;
}

/** Pixels of the row with marks of errors. The small rows are below it. */
const ERROR_ROW = 9;
export const MINIMAP_TOP = ERROR_ROW + 2;
const MINIMAP_MOST = 40;
const ROW_MOST = 4;

/** Pixels of a small row. */
export function rowPixels(rows: number): number {
  return Math.min(ROW_MOST, MINIMAP_MOST / Math.max(1, rows));
}

/** Pixels of the whole picture. It is lower for a short trace. */
export function minimapHeight(rows: number): number {
  return MINIMAP_TOP + Math.ceil(rowPixels(rows) * Math.max(1, rows)) + 1;
}

/** Most rectangles and triangles: 100,000 would block the page for 100 ms, these take less than 10 ms. */
const MAX_BARS = 5000;
const MAX_ERRORS = 2000;

/** Draws all visible rows small, with marks of the trace's errors above them. */
export function drawMinimap(canvas: CanvasRenderingContext2D, width: number, picture: MinimapPicture): void {
  canvas.clearRect(0, 0, width, minimapHeight(picture.rows.length));
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
    canvas.fillRect(from, MINIMAP_TOP + row * height, Math.max(1, to - from), Math.max(1, height * 0.75));
  }
}

/** Draws a triangle above the rows and a line through them, so that an error has a shape as well as a colour. */
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
    canvas.lineTo(x, ERROR_ROW - 1);
    canvas.fill();
    canvas.fillRect(x - 0.5, ERROR_ROW - 1, 1, rowBottom(picture, index) - ERROR_ROW + 1);
  }
}

/** The lower end of an index's row, or of the row that hides the index. */
function rowBottom({ rows }: MinimapPicture, index: number): number {
  const height = rowPixels(rows.length);
  return MINIMAP_TOP + (Math.max(0, rowOf(rows, index)) + 1) * height;
}

function scale([from, to]: LineRange, width: number): (at: number) => number {
  const factor = width / (to - from || 1);
  return (at) => (at - from) * factor;
}
