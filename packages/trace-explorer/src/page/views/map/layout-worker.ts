import { layoutMap } from './layout.ts';
import type { LayoutAnswer, LayoutRequest } from './map-layout.ts';

// A web worker: a layout of some dozen boxes takes up to a second, in which the page must go on.
addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const answer: LayoutAnswer = { turn: data.turn, layout: layoutMap(data.shape, data.direction) };
  postMessage(answer);
});
