export type { BadRequest, RouteExample } from './bad-requests.ts';
export { badRequestsFor } from './bad-requests.ts';
export type { DatabaseVariant } from './databases.ts';
export { databaseVariants } from './databases.ts';
export { rawRequest } from './raw-request.ts';
export { assertRefused } from './refusals.ts';
