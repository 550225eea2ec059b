export { takeLogRecords } from './logger-provider.ts';
