import { createRequire } from 'node:module';

// No exporter: what every variant has beside its own, a context that the lines' span is active in.
const require = createRequire(import.meta.url);
const { context } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
