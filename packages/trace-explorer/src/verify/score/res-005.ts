import { findResources } from '../resources.ts';
import type { Rule } from '../rule.ts';

/** `service.name` is present. */
export const res005: Rule = (reading) =>
  findResources(
    reading,
    ({ attributes }) =>
      !attributes.some(
        ({ key, value }) => key === 'service.name' && typeof value === 'string' && value !== '',
      ),
  );
