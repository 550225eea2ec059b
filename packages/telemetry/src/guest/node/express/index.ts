// No types here: this file is loaded with `require`, which test runners hook into without stripping them.
export { setRouteLeft } from './express-4-routes.ts';
export { expressErrors, expressLayers } from './express-routes.ts';
