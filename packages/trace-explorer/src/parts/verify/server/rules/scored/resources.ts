import { quoted } from '../../../../../lib/text/words.ts';
import type { ServiceResource } from '../../resources.ts';
import { findResources } from '../../resources.ts';
import { verifyRule } from '../../rule.ts';

export const res001 = verifyRule({
  title: 'Instances of a service look like one',
  impact: 'Normal',
  find: (reading) => findResources(reading, ({ text }) => text('service.instance.id') === undefined),
  sentence: ({ rows }) =>
    `The resource of ${rows} has no service.instance.id, so the instances of the service look like one`,
  node: "OTEL_NODE_RESOURCE_DETECTORS=all, or resourceFromAttributes({ 'service.instance.id': randomUUID() })",
  others: 'OTEL_RESOURCE_ATTRIBUTES=service.instance.id=<one id per process>',
});

/** Attributes that tell two workloads apart. */
const WORKLOAD = ['k8s.pod.uid', 'k8s.pod.name', 'container.id', 'host.id', 'host.name'];

/** `service.instance.id` is unique across logical resources of a service. */
export const res002 = verifyRule({
  title: 'Several instances say the same id',
  impact: 'Important',
  find: async (reading) => {
    const shared = new Map<ServiceResource, { id: string; name: string }>();
    const byInstance = Map.groupBy(await reading.resources(), ({ service, text }) =>
      JSON.stringify([service, text('service.instance.id')]),
    );
    for (const group of byInstance.values()) {
      const id = group[0]?.text('service.instance.id');
      const name = WORKLOAD.find((name) => new Set(group.flatMap(({ text }) => text(name) ?? [])).size > 1);
      if (id !== undefined && name !== undefined)
        for (const resource of group) shared.set(resource, { id, name });
    }
    const faults = await findResources(reading, (resource) => shared.has(resource));
    return faults.map((fault) => ({ ...fault, ...shared.get(fault.first) }));
  },
  sentence: ({ rows, id = '', name }) =>
    `The service.instance.id ${quoted(id)} of ${rows} is the same in resources with different values of ${name}`,
  node: "resourceFromAttributes({ 'service.instance.id': randomUUID() }), once per process",
  others: 'OTEL_RESOURCE_ATTRIBUTES=service.instance.id=<the pod’s uid>',
});

/** `k8s.pod.uid` is present in telemetry that describes pods. */
export const res003 = verifyRule({
  title: 'A pod is not named by its id',
  impact: 'Important',
  find: (reading) =>
    findResources(
      reading,
      ({ attributes, text }) =>
        attributes.some(({ key }) => /^k8s\.(?:pod|container)\./.test(key)) &&
        text('k8s.pod.uid') === undefined,
    ),
  sentence: ({ rows }) => `The resource of ${rows} names a pod, but has no k8s.pod.uid`,
  node: 'OTEL_RESOURCE_ATTRIBUTES=k8s.pod.uid=$(POD_UID), with POD_UID from fieldRef metadata.uid',
  others: 'OTEL_RESOURCE_ATTRIBUTES=k8s.pod.uid=$(POD_UID), or the Collector’s k8sattributes processor',
});

export const res005 = verifyRule({
  title: 'A service does not say its name',
  impact: 'Critical',
  find: (reading) =>
    findResources(
      reading,
      ({ attributes }) =>
        !attributes.some(
          ({ key, value }) => key === 'service.name' && typeof value === 'string' && value !== '',
        ),
    ),
  sentence: ({ rows }) => `The resource of ${rows} has no service.name`,
  node: 'OTEL_SERVICE_NAME=<name>',
});
