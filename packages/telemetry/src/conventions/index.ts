export { SEMCONV_VERSION } from './attributes.ts';
export { checkConventions } from './check-conventions.ts';
