import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../common/installed-package.ts';
import { manifestIn } from '../../common/installed-package.ts';
import type { Finding } from './finding.ts';

const SDK = '@opentelemetry/sdk-trace-base';
const INSTRUMENTATIONS = [
  '@opentelemetry/auto-instrumentations-node',
  '@opentelemetry/instrumentation-pg',
  '@opentelemetry/instrumentation-undici',
];

/** Finds instrumentations of OpenTelemetry's SDK 3 beside SDK 2 in a service. Their peers exclude each other. */
export function examineSdk(directory: string): Finding[] {
  const sdk = manifestOf(SDK, directory);
  if (!sdk?.version?.startsWith('2.')) return [];
  const newer = INSTRUMENTATIONS.flatMap((name) => {
    const { version, dependencies, peerDependencies } = manifestOf(name, directory) ?? {};
    const core = { ...dependencies, ...peerDependencies }['@opentelemetry/core'] ?? '';
    return /^[\^~]?3\./.test(core) ? [`${name} ${version}`] : [];
  });
  const what = `${newer.join(', ')}: made for OpenTelemetry's SDK 3. ${SDK} is ${sdk.version}; it wants @opentelemetry/api below 1.10.`;
  const fix = 'Install versions from before core 3, or move the whole service to SDK 3.';
  return newer.length === 0 ? [] : [{ check: 'opentelemetry', level: 'warning', what, fix }];
}

function manifestOf(name: string, directory: string): Manifest | undefined {
  try {
    const path = findPackageJSON(name, join(directory, 'main.js'));
    return path === undefined ? undefined : manifestIn(dirname(path));
  } catch {
    return undefined; // not installed
  }
}
