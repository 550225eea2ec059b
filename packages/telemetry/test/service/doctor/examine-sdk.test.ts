import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { examineSdk } from '../../../src/service/doctor/examine-sdk.ts';

const SDK_2 = { '@opentelemetry/sdk-trace-base': { version: '2.12.0' } };
/** What the packages on npm say. */
const OF_SDK_3 = {
  '@opentelemetry/auto-instrumentations-node': {
    version: '0.82.0',
    peerDependencies: { '@opentelemetry/api': '^1.10.0', '@opentelemetry/core': '^3.0.0' },
  },
  '@opentelemetry/instrumentation-pg': {
    version: '0.77.0',
    dependencies: { '@opentelemetry/core': '^3.0.0' },
  },
  '@opentelemetry/instrumentation-undici': {
    version: '0.34.0',
    dependencies: { '@opentelemetry/core': '^3.0.0' },
  },
};
const OF_SDK_2 = {
  '@opentelemetry/instrumentation-undici': {
    version: '0.33.0',
    dependencies: { '@opentelemetry/core': '^2.0.0' },
  },
};

/** A service's folder with these packages, two folders below them. */
function serviceWith(t: Test, packages: Readonly<Record<string, object>>): string {
  const root = mkdtempSync(join(tmpdir(), 'examine-sdk-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [name, manifest] of Object.entries(packages)) {
    mkdirSync(join(root, 'node_modules', name), { recursive: true });
    writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify(manifest));
  }
  return join(root, 'services', 'shop');
}

t.test('each instrumentation of SDK 3 beside SDK 2 is named, with what to do', async (t) => {
  for (const [name, manifest] of Object.entries(OF_SDK_3)) {
    const [finding, ...others] = examineSdk(serviceWith(t, { ...SDK_2, [name]: manifest }));
    t.match(finding, { check: 'opentelemetry', level: 'warning', fix: /SDK 3/ }, name);
    t.match(finding?.what, `${name} ${manifest.version}`);
    t.match(finding?.what, 'sdk-trace-base is 2.12.0');
    t.same(others, []);
  }
});

t.test('there is no finding for instrumentations of the same SDK, nor without an SDK', async (t) => {
  t.same(examineSdk(serviceWith(t, { ...SDK_2, ...OF_SDK_2 })), []);
  t.same(examineSdk(serviceWith(t, OF_SDK_3)), []);
  const sdk3 = { '@opentelemetry/sdk-trace-base': { version: '3.1.0' } };
  t.same(examineSdk(serviceWith(t, { ...sdk3, ...OF_SDK_3 })), []);
});
