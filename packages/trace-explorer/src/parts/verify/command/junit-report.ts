import { escapeHtml } from '../../../lib/text/escape-html.ts';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import type { ServiceReport } from '../server/schemas.ts';

/** Reports as JUnit's XML: a suite per service, a case per rule. */
export function junitReport(services: readonly ServiceReport[]): string {
  const text = (value: string) => escapeHtml(harmlessLine(value));
  const suites = services.map(({ service, score, holding, violations }) => {
    const failures = [...Map.groupBy(violations, ({ rule }) => rule)].map(([rule, of]) => {
      const elements = of.map(
        ({ sentence, mend, place }) =>
          `      <failure message="${text(sentence)}">${text(`${mend} ${place}`)}</failure>`,
      );
      return [
        `    <testcase classname="${text(service)}" name="${text(rule)}">`,
        ...elements,
        '    </testcase>',
      ].join('\n');
    });
    const passed = holding.map((rule) => `    <testcase classname="${text(service)}" name="${text(rule)}"/>`);
    const counts = `tests="${failures.length + passed.length}" failures="${failures.length}"`;
    return [
      `  <testsuite name="${text(`${service} ${score}`)}" ${counts}>`,
      ...failures,
      ...passed,
      '  </testsuite>',
    ].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join(
    '\n',
  );
}
