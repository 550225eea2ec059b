import { findResources } from '../resources.ts';
import type { Rule } from '../rule.ts';

/** `k8s.pod.uid` is present in telemetry that describes pods. */
export const res003: Rule = (reading) =>
  findResources(
    reading,
    ({ attributes, text }) =>
      attributes.some(({ key }) => /^k8s\.(?:pod|container)\./.test(key)) &&
      text('k8s.pod.uid') === undefined,
  );
