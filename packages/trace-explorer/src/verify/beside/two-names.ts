import { quoted } from '../../traces/findings/words.ts';
import type { ServiceResource } from '../resources.ts';
import { findResources } from '../resources.ts';
import type { Rule } from '../rule.ts';

/** One service under two names: in one process, or spelt in two ways. */
export const twoNames: Rule = async (reading) => {
  const others = new Map<string, string>();
  for (const keyOf of [instanceOf, processOf, spellingOf])
    for (const [key, same] of Map.groupBy(await reading.resources(), keyOf)) {
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
