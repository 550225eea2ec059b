// The same test, with each value of OTEL_LOGS_EXPORTER.
process.env.TEST_NIGHTLY = 'true';
await import('./console-log-exporter.system.test.ts');
