import openapiTS, { astToString } from 'openapi-typescript';

const HEADER = '// Written by `node tandem openapi` from docs/openapi/user-lookup.json.\n\n';

/** TypeScript types of an OpenAPI document: `paths` and `components`. @throws Error for a document that is none */
export async function openapiTypes(document: object): Promise<string> {
  return HEADER + astToString(await openapiTS(document as never));
}
