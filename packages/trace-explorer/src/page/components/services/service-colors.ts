import { hueOf, isHollow, serviceColors } from '../../../core/places/service-color.ts';
import { getJson } from '../../api/api.ts';
import { pageSettings } from '../../browser/settings.ts';
import { useOutside } from '../../browser/use-listener.ts';

type ColorOf = (name: string) => string;

/** The colour of a new service until the explorer has chosen one. */
const UNKNOWN = 'var(--cdb)';

const colors = new Map(Object.entries(pageSettings.serviceColors));
const changed = new EventTarget();
let names: readonly string[] = [...colors.keys()];
let reading = false;
let colorOf = newColorOf();

/** The colour of each service, equal in every view. The function changes when the explorer has new colours. */
export function useServiceColor(): ColorOf {
  return useOutside(() => colorOf, changed);
}

function newColorOf(): ColorOf {
  return (name) => {
    const index = colors.get(name);
    if (index === undefined && !reading) void readColors(name);
    return index === undefined ? UNKNOWN : hueOf(index);
  };
}

/** Whether a service shares its hue with one before it: its mark is hollow. */
export function hasHollowMark(name: string): boolean {
  return isHollow(colors.get(name) ?? 0);
}

/** Names of all services: one array until there is a new service. */
export function serviceNames(): readonly string[] {
  return names;
}

/** Reads the colours again for a new service. A service that the explorer does not know keeps its own colour. */
async function readColors(name: string): Promise<void> {
  reading = true;
  const read = await getJson<Record<string, number>>('/api/services/colors').catch(() => ({}));
  for (const [each, index] of Object.entries(read)) colors.set(each, index);
  if (!colors.has(name)) colors.set(name, serviceColors([name]).get(name) ?? 0);
  reading = false;
  names = [...colors.keys()];
  colorOf = newColorOf();
  changed.dispatchEvent(new Event('change'));
}
