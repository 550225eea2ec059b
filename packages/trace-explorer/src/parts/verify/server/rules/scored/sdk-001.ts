import type { ServiceResource } from '../../resources.ts';
import { findResources } from '../../resources.ts';
import { verifyRule } from '../../rule.ts';

/**
 * By language: from a version of the SDK on, the versions of the runtime that it supports at least; the newest SDK first. From
 * the READMEs of open-telemetry/opentelemetry-js and -java, and python_requires of opentelemetry-sdk.
 */
const SUPPORTED: ReadonlyMap<string, readonly (readonly [sdk: string, runtime: string])[]> = new Map([
  [
    'nodejs',
    [
      ['2', '18.19'],
      ['1', '14'],
    ],
  ],
  ['java', [['1', '1.8']]],
  [
    'python',
    [
      ['1.34', '3.9'],
      ['1', '3.6'],
    ],
  ],
]);

export const sdk001 = verifyRule({
  title: 'The runtime is older than its SDK supports',
  impact: 'Low',
  find: (reading) => findResources(reading, isUnsupported),
  sentence: ({ rows, first: { text } }) =>
    `${rows} from SDK ${text('telemetry.sdk.version')}, which does not support ${text('telemetry.sdk.language')} ${text('process.runtime.version')}`,
  node: 'A newer Node: npm install node@lts',
  others: 'A newer version of the runtime',
});

function isUnsupported({ text }: ServiceResource): boolean {
  const [sdk, runtime] = [text('telemetry.sdk.version'), text('process.runtime.version')];
  if (sdk === undefined || runtime === undefined || text('telemetry.sdk.name') !== 'opentelemetry')
    return false;
  const table = SUPPORTED.get(text('telemetry.sdk.language') ?? '');
  const [, least] = table?.find(([from]) => isAtLeast(sdk, from)) ?? [];
  return least !== undefined && !isAtLeast(runtime, least);
}

function isAtLeast(version: string, least: string): boolean {
  return version.replace(/^\D+/, '').localeCompare(least, 'en', { numeric: true }) >= 0;
}
