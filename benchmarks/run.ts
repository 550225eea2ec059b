import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** `node tandem bench NAME` runs benchmarks/NAME/main.ts: its default export prints the figures. */
const names = readdirSync(import.meta.dirname)
  .filter((folder) => existsSync(join(import.meta.dirname, folder, 'main.ts')))
  .toSorted();
const name = process.argv[2];
if (name === undefined || !names.includes(name)) {
  console.error(`Usage: node tandem bench NAME, with one of: ${names.join(', ')}`);
  process.exit(1);
}
const benchmark: { default: () => Promise<void> } = await import(`./${name}/main.ts`);
await benchmark.default();
