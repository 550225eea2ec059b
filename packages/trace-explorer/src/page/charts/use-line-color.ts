import { useServiceColor } from '../components/service-colors.tsx';
import { useColorScheme } from '../components/use-color-scheme.ts';
import { lineColor } from './chart-colors.ts';

/** Gives the colour of a group's line: the service's where groups are services, else by its place in the results. */
export function useLineColor(): (index: number, service?: string) => string {
  const scheme = useColorScheme();
  const serviceColor = useServiceColor();
  return (index, service) => (service === undefined ? lineColor(scheme, index) : serviceColor(service));
}
