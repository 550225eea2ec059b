export type { DatabaseVariant } from './databases.ts';
export { databaseVariants } from './databases.ts';
export { rawRequest } from './raw-request.ts';
