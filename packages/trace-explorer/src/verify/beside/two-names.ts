import { quoted } from '../../traces/findings/words.ts';
import { perService } from '../per-service.ts';
import type { ServiceResource } from '../resources.ts';
import type { Rule } from '../rule.ts';

/** One service under two names: in one process, or spelt in two ways. */
export const twoNames: Rule = {
  name: 'two-names',
  async find(reading) {
    const resources = await reading.resources();
    const others = new Map<string, string>();
    for (const keyOf of [instanceOf, processOf, spellingOf])
      for (const same of Map.groupBy(resources, keyOf).values()) {
        const names = [...new Set(same.map(({ service }) => service))];
        if (names.length !== 2 || keyOf(same[0] as ServiceResource) === undefined) continue;
        for (const [at, name] of names.entries()) others.set(name, names[1 - at] ?? '');
      }
    return perService(
      resources,
      ({ service }) => others.has(service),
      ([first], rows) => ({
        sentence: `${rows} with the service.name ${quoted(first?.service ?? '')}; the same service is also ${quoted(others.get(first?.service ?? '') ?? '')}`,
        mend: {
          node: 'One OTEL_SERVICE_NAME for the process',
          others: 'One OTEL_SERVICE_NAME for the process',
        },
      }),
    );
  },
};

function instanceOf({ text }: ServiceResource): string | undefined {
  return text('service.instance.id');
}

function processOf({ text }: ServiceResource): string | undefined {
  const host = text('container.id') ?? text('k8s.pod.uid') ?? text('host.id') ?? text('host.name');
  const pid = text('process.pid');
  return host === undefined || pid === undefined ? undefined : `${host} ${pid}`;
}

function spellingOf({ service, text }: ServiceResource): string {
  return `${text('service.namespace') ?? ''} ${service.toLowerCase().replace(/[^a-z0-9]/g, '')}`;
}
