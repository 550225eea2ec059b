import { createRequire } from 'node:module';

const Sentry = createRequire(import.meta.url)('@sentry/node');
Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 1 });
