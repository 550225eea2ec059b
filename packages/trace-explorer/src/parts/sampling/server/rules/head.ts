import type { Sampler } from '../decide/decisions.ts';
import { head } from '../decide/head.ts';
import type { Gathered } from './gathered.ts';
import { RulesError } from './section.ts';

const VARIABLE =
  /^[ \t]*(?:export[ \t]+)?(OTEL_TRACES_SAMPLER(?:_ARG)?)[ \t]*=[ \t]*["']?([^"'\s#]{0,100})/gmu;
/** Ratios of samplers that have no argument. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['always_on', '1'],
  ['always_off', '0'],
]);

/**
 * Reads `OTEL_TRACES_SAMPLER=…` and `OTEL_TRACES_SAMPLER_ARG=…`; undefined for a text without the first.
 * @throws RulesError for a sampler that is not modelled
 */
export function readHead(text: string, gathered: Gathered): Sampler | undefined {
  const variables = new Map([...text.matchAll(VARIABLE)].map(([, name = '', value = '']) => [name, value]));
  const setting = variables.get('OTEL_TRACES_SAMPLER');
  if (setting === undefined) return undefined;
  const name = setting.replace(/^parentbased_/u, '');
  const fixed = FIXED.get(name);
  const sampler = fixed === undefined ? name : 'traceidratio';
  const argument = fixed ?? variables.get('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  if (sampler !== 'traceidratio' && sampler !== 'consistent_probability')
    throw new RulesError(
      `OTEL_TRACES_SAMPLER: ${JSON.stringify(setting)} is not modelled. Modelled are always_on, always_off, traceidratio and consistent_probability, also with parentbased_.`,
    );
  const ratio = Number(argument);
  if (argument === '' || !(ratio >= 0 && ratio <= 1))
    throw new RulesError(
      `OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not ${JSON.stringify(argument)}.`,
    );
  const state = gathered.askState();
  return {
    product: 'head',
    due: gathered.ask('max(t_end)'),
    start: (run) => head(sampler, ratio, state, run),
  };
}
