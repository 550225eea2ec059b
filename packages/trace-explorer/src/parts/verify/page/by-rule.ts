import type { Report } from '../server/schemas.ts';

/** One rule with every service in which it fails, the lowest score first. */
export type FailedRule = ReturnType<typeof failedRules>[number];

const IMPACTS = ['Critical', 'Important', 'Normal', 'Low'];

/** Failing rules: first the ones that cost most of the score, then the ones of most services. */
export function failedRules({ services }: Pick<Report, 'services'>) {
  const all = services.flatMap((service) => service.violations.map((violation) => ({ service, violation })));
  const rank = (impact = '') => (IMPACTS.indexOf(impact) + IMPACTS.length + 1) % (IMPACTS.length + 1);
  return [...Map.groupBy(all, ({ violation }) => violation.rule)]
    .map(([rule, failures]) => ({
      rule,
      title: failures[0]?.violation.title ?? rule,
      impact: failures[0]?.violation.impact,
      failures,
      services: new Set(failures.map(({ service }) => service.service)).size,
    }))
    .sort((a, b) => rank(a.impact) - rank(b.impact) || b.services - a.services);
}
