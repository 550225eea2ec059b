// run-agent-children.system.test.ts, with an agent that passes TRACEPARENT.
process.env.TEST_NIGHTLY = 'true';
await import('./run-agent-children.system.test.ts');
