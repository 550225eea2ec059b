export { codeLocations } from './code-locations.ts';
