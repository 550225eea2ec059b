import { quoted } from '../../../shared/words.ts';
import type { ServiceResource } from '../../resources.ts';
import { findResources } from '../../resources.ts';
import type { Rule } from '../../rule.ts';

/** `service.instance.id` is present. */
export const res001: Rule = (reading) =>
  findResources(reading, ({ text }) => text('service.instance.id') === undefined);

/** What tells apart two workloads. */
const WORKLOAD = ['k8s.pod.uid', 'k8s.pod.name', 'container.id', 'host.id', 'host.name'];

/** `service.instance.id` is unique across logical resources of a service. */
export const res002: Rule = async (reading) => {
  const shared = new Map<ServiceResource, { id: string; name: string }>();
  const byInstance = Map.groupBy(await reading.resources(), ({ service, text }) =>
    JSON.stringify([service, text('service.instance.id')]),
  );
  for (const group of byInstance.values()) {
    const id = group[0]?.text('service.instance.id');
    const name = WORKLOAD.find((each) => new Set(group.flatMap(({ text }) => text(each) ?? [])).size > 1);
    if (id !== undefined && name !== undefined)
      for (const each of group) shared.set(each, { id: quoted(id), name });
  }
  return findResources(
    reading,
    (each) => shared.has(each),
    (first) => shared.get(first),
  );
};

/** `k8s.pod.uid` is present in telemetry that describes pods. */
export const res003: Rule = (reading) =>
  findResources(
    reading,
    ({ attributes, text }) =>
      attributes.some(({ key }) => /^k8s\.(?:pod|container)\./.test(key)) &&
      text('k8s.pod.uid') === undefined,
  );

/** `service.name` is present. */
export const res005: Rule = (reading) =>
  findResources(
    reading,
    ({ attributes }) =>
      !attributes.some(
        ({ key, value }) => key === 'service.name' && typeof value === 'string' && value !== '',
      ),
  );
