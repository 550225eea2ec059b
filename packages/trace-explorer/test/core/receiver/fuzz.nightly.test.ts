// The same test, with more bodies, and others each night.
process.env.OTLP_FUZZ_BODIES ??= '50000';
process.env.OTLP_FUZZ_SEED ??= String(Math.floor(Date.now() / 86_400_000));
await import('./fuzz.system.test.ts');
