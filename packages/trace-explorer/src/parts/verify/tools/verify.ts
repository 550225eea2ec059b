import Type from 'typebox';
import { definedParams, linkTo } from '../../../core/places/place.ts';
import { rangePlace } from '../../../core/places/shown-range.ts';
import { limit } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import type { Report } from '../server/schemas.ts';

const text = Type.Optional(Type.String());

export const verifyTelemetry = tool({
  name: 'verify_telemetry',
  title: 'Whether the telemetry is right',
  description:
    'For each service the Instrumentation Score (0 to 100), the rules and semantic conventions that its spans and log records break, a span that shows each, and the line of code, variable or setting that mends it. Call it after a change of instrumentation and a request.',
  advice: 'get_environment lists the datasets and services.',
  input: {
    service: text,
    dataset: text,
    time_range: Type.Optional(Type.Number({ minimum: 1, maximum: 9e9, description: 'Seconds; 3600.' })),
    limit: limit(20, 200),
  },
  async run({ time_range = 3600, limit = 20, ...which }, { ask, page }) {
    const { services, ...of } = await ask<Report>(`/api/verify?${searchOf({ time_range, ...which })}`);
    return {
      link: linkTo(page, rangePlace('verify', time_range, definedParams({ service: which.service }))),
      ...of,
      services_total: services.length,
      services: services.slice(0, limit).map(({ violations, ...service }) => ({
        ...service,
        violations: violations.map(({ place, ...violation }) => ({ ...violation, link: page + place })),
      })),
    };
  },
});
