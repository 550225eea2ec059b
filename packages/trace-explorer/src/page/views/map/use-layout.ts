import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Direction, LayoutAnswer, LayoutRequest, MapLayout, MapShape } from './map-layout.ts';

/** The worker's script, whose name the server has written into the page. */
const SCRIPT = document.querySelector('meta[name="map-layout-script"]')?.getAttribute('content');

/** One that is ready for the next layout. */
let idle: Worker | undefined;

/** Starts a worker while the map is still being read: loading its script takes as long. */
export function useReadyLayout(): void {
  useLayoutEffect(() => {
    idle ??= startWorker();
    return () => {
      idle?.terminate();
      idle = undefined;
    };
  }, []);
}

/** Where the boxes of a map stand, worked out beside the page. Until the next layout is there the last one stays. */
export function useLayout(shape: MapShape, direction: Direction): { layout?: MapLayout; failed: boolean } {
  const [layout, setLayout] = useState<MapLayout>();
  const [failed, setFailed] = useState(false);
  const running = useRef<Worker>(undefined);
  const turn = useRef(0);
  useEffect(() => () => running.current?.terminate(), []);
  // Before the browser paints what else there is: the layout is under way meanwhile.
  useLayoutEffect(() => {
    // One that is still busy with what nobody waits for any more would only be in the way.
    running.current?.terminate();
    const worker = idle ?? startWorker();
    idle = undefined;
    running.current = worker;
    turn.current += 1;
    const asked: LayoutRequest = {
      turn: turn.current,
      shape: {
        services: shape.services.map(({ name }) => ({ name })),
        calls: shape.calls.map(({ from, to }) => ({ from, to })),
        grouped: shape.grouped,
      },
      direction,
    };
    worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => {
      if (data.turn !== turn.current) return;
      running.current = undefined;
      idle?.terminate();
      idle = worker;
      setLayout(data.layout);
    };
    worker.onerror = () => setFailed(true);
    worker.postMessage(asked);
  }, [shape, direction]);
  return { ...(layout !== undefined && { layout }), failed };
}

function startWorker(): Worker {
  return new Worker(SCRIPT ?? '', { type: 'module' });
}
