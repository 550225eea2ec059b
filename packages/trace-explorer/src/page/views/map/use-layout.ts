import { useEffect, useRef, useState } from 'preact/hooks';
import type { Direction, LayoutAnswer, LayoutRequest, MapLayout, MapShape } from './map-layout.ts';

/** The worker's script, whose name the server has written into the page. */
const SCRIPT = document.querySelector('meta[name="map-layout-script"]')?.getAttribute('content');

/** Where the boxes of a map stand, worked out beside the page. Until the next layout is there the last one stays. */
export function useLayout(shape: MapShape, direction: Direction): { layout?: MapLayout; failed: boolean } {
  const [layout, setLayout] = useState<MapLayout>();
  const [failed, setFailed] = useState(false);
  const worker = useRef<Worker>(undefined);
  const turn = useRef(0);
  useEffect(() => () => worker.current?.terminate(), []);
  useEffect(() => {
    // One that is still busy with what nobody waits for any more would only be in the way.
    worker.current?.terminate();
    const started = new Worker(SCRIPT ?? '', { type: 'module' });
    worker.current = started;
    turn.current += 1;
    const asked: LayoutRequest = {
      turn: turn.current,
      shape: {
        services: shape.services.map(({ name }) => ({ name })),
        calls: shape.calls.map(({ from, to }) => ({ from, to })),
      },
      direction,
    };
    started.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
      if (data.turn === turn.current) setLayout(data.layout);
    });
    started.addEventListener('error', () => setFailed(true));
    started.postMessage(asked);
  }, [shape, direction]);
  return { ...(layout !== undefined && { layout }), failed };
}
