import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Path of what the documentation of SDK 3 tells people to load first. */
export function registerOfSdk3(): string {
  return require.resolve('@opentelemetry/auto-instrumentations-node/register');
}
