import type { Report, ServiceReport, Violation } from '../server/schemas.ts';

/** One rule with every service in which it fails, the lowest score first. */
export interface FailedRule {
  readonly rule: string;
  readonly title: string;
  readonly impact: string | undefined;
  readonly failures: readonly { readonly service: ServiceReport; readonly violation: Violation }[];
  readonly services: number;
}

const IMPACTS = ['Critical', 'Important', 'Normal', 'Low'];

/** Failing rules: first the ones that cost most of the score, then the ones of most services. */
export function failedRules({ services }: Pick<Report, 'services'>): readonly FailedRule[] {
  const all = services.flatMap((service) => service.violations.map((violation) => ({ service, violation })));
  const rank = ({ impact = '' }: FailedRule) =>
    (IMPACTS.indexOf(impact) + IMPACTS.length + 1) % (IMPACTS.length + 1);
  return [...Map.groupBy(all, ({ violation }) => violation.rule)]
    .map(([rule, failures]) => ({
      rule,
      title: failures[0]?.violation.title ?? rule,
      impact: failures[0]?.violation.impact,
      failures,
      services: new Set(failures.map(({ service }) => service.service)).size,
    }))
    .sort((a, b) => rank(a) - rank(b) || b.services - a.services);
}
