import { perService } from '../per-service.ts';
import type { Rule } from '../rule.ts';

/** `k8s.pod.uid` is present in telemetry that describes pods. */
export const res003: Rule = {
  name: 'RES-003',
  impact: 'Important',
  async find(reading) {
    return perService(
      await reading.resources(),
      ({ attributes, text }) =>
        attributes.some(({ key }) => /^k8s\.(?:pod|container)\./.test(key)) &&
        text('k8s.pod.uid') === undefined,
      (_, rows) => ({
        sentence: `The resource of ${rows} names a pod, but has no k8s.pod.uid`,
        mend: {
          node: 'OTEL_RESOURCE_ATTRIBUTES=k8s.pod.uid=$(POD_UID), with POD_UID from fieldRef metadata.uid',
          others:
            'OTEL_RESOURCE_ATTRIBUTES=k8s.pod.uid=$(POD_UID), or the Collector’s k8sattributes processor',
        },
      }),
    );
  },
};
