import { perService } from '../per-service.ts';
import type { ServiceResource } from '../resources.ts';
import type { Rule } from '../rule.ts';

/**
 * By language: from a version of the SDK on, the versions of the runtime that it supports at least; the newest SDK first. From
 * the READMEs of open-telemetry/opentelemetry-js, -java and -dotnet, and python_requires of opentelemetry-sdk.
 */
const SUPPORTED: Readonly<Record<string, readonly (readonly [sdk: string, runtime: string])[]>> = {
  nodejs: [
    ['2', '18.19'],
    ['1', '14'],
  ],
  java: [['1', '1.8']],
  python: [
    ['1.34', '3.9'],
    ['1', '3.6'],
  ],
};

/** The versions of language and runtime are supported by the SDK. */
export const sdk001: Rule = {
  name: 'SDK-001',
  impact: 'Low',
  async find(reading) {
    return perService(await reading.resources(), isUnsupported, ([first], rows) => ({
      sentence: `${rows} from SDK ${first?.text('telemetry.sdk.version')}, which does not support ${first?.text('telemetry.sdk.language')} ${first?.text('process.runtime.version')}`,
      mend: { node: 'A newer Node: npm install node@lts', others: 'A newer version of the runtime' },
    }));
  },
};

function isUnsupported({ text }: ServiceResource): boolean {
  const sdk = text('telemetry.sdk.version');
  const runtime = text('process.runtime.version');
  if (sdk === undefined || runtime === undefined || text('telemetry.sdk.name') !== 'opentelemetry')
    return false;
  const table = SUPPORTED[text('telemetry.sdk.language') ?? ''];
  const [, least] = table?.find(([from]) => isAtLeast(sdk, from)) ?? [];
  return least !== undefined && !isAtLeast(runtime, least);
}

function isAtLeast(version: string, least: string): boolean {
  return version.replace(/^\D+/, '').localeCompare(least, 'en', { numeric: true }) >= 0;
}
