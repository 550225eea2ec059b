import { layoutColumns } from './column-layout.ts';
import { layoutMap } from './layout.ts';
import type { LayoutAnswer, LayoutRequest } from './map-layout.ts';

// A web worker: a layout of some dozen boxes takes up to a second, in which the page must go on.
addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const { turn, shape, direction } = data;
  const layout = shape.grouped ? layoutColumns(shape, direction) : layoutMap(shape, direction);
  const answer: LayoutAnswer = { turn, layout };
  postMessage(answer);
});
