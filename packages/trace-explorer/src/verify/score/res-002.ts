import { quoted } from '../../traces/findings/words.ts';
import { perService } from '../per-service.ts';
import type { ServiceResource } from '../resources.ts';
import type { Rule } from '../rule.ts';

/** What tells apart two workloads. */
const WORKLOAD = ['k8s.pod.uid', 'k8s.pod.name', 'container.id', 'host.id', 'host.name'];

/** `service.instance.id` is unique across logical resources of a service. */
export const res002: Rule = {
  name: 'RES-002',
  impact: 'Important',
  async find(reading) {
    const resources = await reading.resources();
    const byInstance = Map.groupBy(resources, ({ service, text }) =>
      JSON.stringify([service, text('service.instance.id')]),
    );
    const shared = new Map<ServiceResource, string>();
    for (const group of byInstance.values()) {
      const name = WORKLOAD.find((each) => new Set(group.flatMap(({ text }) => text(each) ?? [])).size > 1);
      for (const each of group)
        if (name !== undefined && each.text('service.instance.id') !== undefined) shared.set(each, name);
    }
    return perService(
      resources,
      (each) => shared.has(each),
      (wrong, rows) => ({
        sentence: `The service.instance.id ${quoted(wrong[0]?.text('service.instance.id') ?? '')} of ${rows} is the same in resources with different values of ${shared.get(wrong[0] as ServiceResource)}`,
        mend: {
          node: "resourceFromAttributes({ 'service.instance.id': randomUUID() }), once per process",
          others: 'OTEL_RESOURCE_ATTRIBUTES=service.instance.id=<the pod’s uid>',
        },
      }),
    );
  },
};
