import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes Prisma's client for PostgreSQL in a folder that has `prisma` and `@prisma/client`. Prisma asks for a program that only
 * migrations need, and would fetch it.
 *
 * @param model as a schema has it: `model Item { … }`
 */
export async function generatePrisma(folder: string, model: string): Promise<void> {
  const schema = `generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
}
${model}
`;
  await writeFile(join(folder, 'schema.prisma'), schema);
  const config = { schema: './schema.prisma', datasource: { url: 'postgres://localhost/none' } };
  await writeFile(join(folder, 'prisma.config.ts'), `export default ${JSON.stringify(config)};`);
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  execFileSync('npx', ['prisma', 'generate'], { cwd: folder, env });
}
