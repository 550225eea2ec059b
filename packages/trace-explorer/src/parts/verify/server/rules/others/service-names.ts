import { quoted } from '../../../../../lib/text/words.ts';
import type { ServiceResource } from '../../resources.ts';
import { findResources } from '../../resources.ts';
import { verifyRule } from '../../rule.ts';

/** A service with the name that an SDK gives to a service without one. */
export const unknownService = verifyRule({
  title: 'Nobody named the service',
  find: (reading) =>
    findResources(reading, ({ text }) => /^unknown_service/.test(text('service.name') ?? 'unknown_service')),
  sentence: ({ rows }) => `${rows} from unknown_service: nobody named the service`,
  node: 'OTEL_SERVICE_NAME=<name>',
});

/** Resources that share one of these belong to one service: equal instances, equal processes, equal spellings of the name. */
const SHARED: readonly ((resource: ServiceResource) => string | undefined)[] = [
  ({ text }) => text('service.instance.id'),
  ({ text }) => {
    const host = text('container.id') ?? text('k8s.pod.uid') ?? text('host.id') ?? text('host.name');
    return host && text('process.pid') && `${host} ${text('process.pid')}`;
  },
  ({ service, text }) => `${text('service.namespace')} ${service.toLowerCase().replace(/[^a-z0-9]/g, '')}`,
];

/** One service under two names: in one process, or spelt in two ways. */
export const twoNames = verifyRule({
  title: 'One service has two names',
  find: async (reading) => {
    const others = new Map<string, string>();
    // A span's own attribute does not name its process: the rule for moved spans says so.
    const named = (await reading.resources()).filter(({ service, text }) => text('service.name') === service);
    for (const shared of SHARED)
      for (const [key, same] of Map.groupBy(named, shared)) {
        const names = [...new Set(same.map(({ service }) => service))];
        if (key === undefined || names.length !== 2) continue;
        for (const [at, name] of names.entries()) others.set(name, names[1 - at] ?? '');
      }
    const faults = await findResources(reading, ({ service }) => others.has(service));
    return faults.map((fault) => ({ ...fault, other: others.get(fault.service) ?? '' }));
  },
  sentence: ({ rows, service, other }) =>
    `${rows} with the service.name ${quoted(service)}; the same service is also ${quoted(other)}`,
  node: 'One OTEL_SERVICE_NAME for the process',
});
