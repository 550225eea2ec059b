import { useMemo, useState } from 'preact/hooks';
import type { MapCall } from '../server/schemas.ts';
import { failuresBegin } from './begins.ts';
import { CallLine, figureOf, MoreOfCall, pillWidth } from './call-line.tsx';
import { Drawing } from './drawing.tsx';
import type { Line, MapGraph } from './layout/plan.ts';
import { ServiceBox } from './service-box.tsx';
import type { ShownMap } from './shown-map.ts';

interface PictureProps extends ShownMap {
  readonly graph: MapGraph;
  /** The service in the middle. */
  readonly selected?: string;
  /** The key of the box that is in sight first. */
  readonly inSight: string;
}

/** Services and their calls: from left to right, or from top to bottom where only that has room in the window. */
export function Picture({ graph, selected, inSight, ...shown }: PictureProps) {
  const { map, measure, layOut } = shown;
  const plans = useMemo(() => {
    try {
      return layOut(graph, (call) => pillWidth(figureOf(call, { measure })));
    } catch {
      return undefined; // dagre's intersections throw for some graphs
    }
  }, [graph, measure]);
  const time = useMemo(() => graph.calls.reduce((sum, { call }) => sum + call.total_ms, 0), [graph]);
  const begin = failuresBegin(map);
  /** The service under the pointer or the focus: its lines are lit. */
  const [lit, setLit] = useState<string>();
  /** The call whose line is under the pointer or the focus. */
  const [pointed, setPointed] = useState<MapCall>();
  const isLit = ({ call }: Line) => lit === call.from || lit === call.to;
  if (plans === undefined) return <p role="alert">The drawing of the map failed. The tables say the same.</p>;
  return (
    <Drawing plans={plans} inSight={inSight} onWide={shown.onWide}>
      {({ lines, boxes }) => (
        <>
          {lines.map((line) => (
            <CallLine
              key={line.path}
              line={line}
              shown={shown}
              share={line.call.total_ms / (time || 1)}
              begins={begin.has(line.call.to)}
              isLit={lit === undefined ? undefined : isLit(line)}
              onPointed={(isPointed) => setPointed(isPointed ? line.call : undefined)}
            />
          ))}
          {boxes.map((box) => (
            <ServiceBox
              key={box.key}
              box={box}
              shown={shown}
              selected={box.key === selected}
              begins={begin.has(box.service.name)}
              onLit={(isLit) => setLit(isLit ? box.service.name : undefined)}
            />
          ))}
          {lines
            .filter((line) => isLit(line) || line.call === pointed)
            .map((line) => (
              <MoreOfCall key={line.path} line={line} shown={shown} />
            ))}
        </>
      )}
    </Drawing>
  );
}
