// The same test, with a second pair, whose services have no key.
process.env.DOCTOR_PAIRS ??= 'all';
await import('./doctor.system.test.ts');
