// openapi-fuzz.system.test.ts, with more requests, and others each night.
process.env.OPENAPI_FUZZ_REQUESTS ??= '20000';
process.env.OPENAPI_FUZZ_SEED ??= String(Math.floor(Date.now() / 86_400_000));
await import('./openapi-fuzz.system.test.ts');
