import { canvasColors } from '../../../../page/browser/canvas-colors.ts';
import type { ShownTrace } from '../state/use-actions.ts';

/** Pixels of the whole picture, and of the margin above and below its rows. */
const MINIMAP_HEIGHT = 24;
export const MINIMAP_MARGIN = 2;
const ROW_MOST = 4;

export function rowPixels(rows: number): number {
  return Math.min(ROW_MOST, (MINIMAP_HEIGHT - 2 * MINIMAP_MARGIN) / Math.max(1, rows));
}

/** Most rectangles and triangles: 100,000 would block the page for 100 ms, these take less than 10 ms. */
const MAX_BARS = 5000;
const MAX_ERRORS = 2000;

/** Draws all visible rows small, with marks of the trace's errors at the top. @param width in pixels */
export function drawMinimap(element: HTMLCanvasElement, width: number, shown: ShownTrace): void {
  const { model, rows, coloring, full } = shown;
  const canvas = element.getContext('2d');
  if (canvas === null || width === 0) return;
  const ratio = devicePixelRatio;
  element.width = Math.round(width * ratio);
  element.height = Math.round(MINIMAP_HEIGHT * ratio);
  canvas.scale(ratio, ratio);
  const onCanvas = canvasColors(element);
  const xOf = (at: number) => ((at - full[0]) * width) / (full[1] - full[0] || 1);
  const startOf = (index: number) => model.offset[index] ?? 0;
  const endOf = (index: number) => startOf(index) + (model.length[index] ?? 0);
  const height = rowPixels(rows.length);
  const step = Math.max(1, Math.ceil(rows.length / MAX_BARS));
  for (let row = 0; row < rows.length; row += step) {
    const index = rows[row] ?? 0;
    const from = xOf(startOf(index));
    canvas.fillStyle = onCanvas(coloring.colorOf(index));
    canvas.fillRect(
      from,
      MINIMAP_MARGIN + row * height,
      Math.max(1.5, xOf(endOf(index)) - from),
      Math.max(1, height - Math.min(1, height / 2)),
    );
  }
  // A triangle at the top and a line down from it, so that an error has a shape as well as a colour.
  const taken = new Uint8Array(Math.ceil(width) + 1);
  canvas.fillStyle = onCanvas('var(--err)');
  for (const index of model.errors.slice(0, MAX_ERRORS)) {
    const x = Math.round(xOf(endOf(index)));
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
