import type { ComponentChildren } from 'preact';
import { createContext } from 'preact';
import { useContext, useRef } from 'preact/hooks';
import { serviceColors } from '../../shared/service-color.ts';

const Colors = createContext<ReadonlyMap<string, string>>(new Map());

/** Gives the services shown within colours that differ from each other. A colour that was given once stays. */
export function ServiceColors({ names, children }: { names: Iterable<string>; children: ComponentChildren }) {
  const given = useRef<ReadonlyMap<string, string>>(new Map());
  const colors = serviceColors(names, given.current);
  given.current = colors;
  return <Colors.Provider value={colors}>{children}</Colors.Provider>;
}

/** The colour of a service in this view; for one that `ServiceColors` was not told of, the colour that it has alone. */
export function useServiceColor(): (name: string) => string {
  const colors = useContext(Colors);
  return (name) => colors.get(name) ?? serviceColors([name]).get(name) ?? '';
}
