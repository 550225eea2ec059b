import { findResources } from '../resources.ts';
import type { Rule } from '../rule.ts';

/** A service with the name that an SDK gives to a service without one. */
export const unknownService: Rule = (reading) =>
  findResources(reading, ({ text }) => /^unknown_service/.test(text('service.name') ?? 'unknown_service'));
