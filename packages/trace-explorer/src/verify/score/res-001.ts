import { findResources } from '../resources.ts';
import type { Rule } from '../rule.ts';

/** `service.instance.id` is present. */
export const res001: Rule = (reading) =>
  findResources(reading, ({ text }) => text('service.instance.id') === undefined);
