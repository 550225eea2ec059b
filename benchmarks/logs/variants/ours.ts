import '../../../packages/telemetry/src/register.ts';
