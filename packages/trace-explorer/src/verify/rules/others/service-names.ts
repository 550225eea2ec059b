import { quoted } from '../../../shared/words.ts';
import type { ServiceResource } from '../../resources.ts';
import { findResources } from '../../resources.ts';
import type { Rule } from '../../rule.ts';

/** A service with the name that an SDK gives to a service without one. */
export const unknownService: Rule = (reading) =>
  findResources(reading, ({ text }) => /^unknown_service/.test(text('service.name') ?? 'unknown_service'));

/** Resources with an equal key belong to one service: equal instances, equal processes, equal spellings of the name. */
const KEYS: readonly ((resource: ServiceResource) => string | undefined)[] = [
  ({ text }) => text('service.instance.id'),
  ({ text }) => {
    const host = text('container.id') ?? text('k8s.pod.uid') ?? text('host.id') ?? text('host.name');
    return host && text('process.pid') && `${host} ${text('process.pid')}`;
  },
  ({ service, text }) => `${text('service.namespace')} ${service.toLowerCase().replace(/[^a-z0-9]/g, '')}`,
];

/** One service under two names: in one process, or spelt in two ways. */
export const twoNames: Rule = async (reading) => {
  const others = new Map<string, string>();
  // A span's own attribute does not name its process: the rule for moved spans says so.
  const named = (await reading.resources()).filter(({ service, text }) => text('service.name') === service);
  for (const keyOf of KEYS)
    for (const [key, same] of Map.groupBy(named, keyOf)) {
      const names = [...new Set(same.map(({ service }) => service))];
      if (key === undefined || names.length !== 2) continue;
      for (const [at, name] of names.entries()) others.set(name, names[1 - at] ?? '');
    }
  return findResources(
    reading,
    ({ service }) => others.has(service),
    ({ service }) => ({ name: quoted(service), other: quoted(others.get(service) ?? '') }),
  );
};
