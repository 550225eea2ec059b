import { RulesError } from './section.ts';

/** Head sampling, by the variables that SDKs read. */
export interface HeadRules {
  readonly sampler: 'traceidratio' | 'consistent_probability';
  readonly ratio: number;
}

const VARIABLE = /^\s*(?:export\s+)?(OTEL_TRACES_SAMPLER(?:_ARG)?)\s*=\s*["']?([^"'\s#]{0,100})/gmu;

/**
 * Reads `OTEL_TRACES_SAMPLER=…` and `OTEL_TRACES_SAMPLER_ARG=…`; undefined for a text without the first.
 * @throws RulesError for a sampler that is not modelled
 */
export function readHead(text: string): HeadRules | undefined {
  const variables = new Map([...text.matchAll(VARIABLE)].map(([, name = '', value = '']) => [name, value]));
  const given = variables.get('OTEL_TRACES_SAMPLER');
  if (given === undefined) return undefined;
  const sampler = given.replace(/^parentbased_/u, '');
  const argument = variables.get('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  if (sampler === 'always_on') return { sampler: 'traceidratio', ratio: 1 };
  if (sampler === 'always_off') return { sampler: 'traceidratio', ratio: 0 };
  if (sampler !== 'traceidratio' && sampler !== 'consistent_probability')
    throw new RulesError(
      `OTEL_TRACES_SAMPLER: ${JSON.stringify(given)} is not modelled. Modelled are always_on, always_off, traceidratio and consistent_probability, also with parentbased_.`,
    );
  const ratio = Number(argument);
  if (argument === '' || !(ratio >= 0 && ratio <= 1))
    throw new RulesError(
      `OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not ${JSON.stringify(argument)}.`,
    );
  return { sampler, ratio };
}
