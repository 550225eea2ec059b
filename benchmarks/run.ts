import { readdirSync } from 'node:fs';

/** `pnpm bench NAME` runs benchmarks/NAME.ts: its default export prints the figures. */
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts' && !file.includes('-'))
  .map((file) => file.slice(0, -3));
const name = process.argv[2];
if (name === undefined || !names.includes(name)) {
  console.error(`Usage: pnpm bench NAME, with one of: ${names.join(', ')}`);
  process.exit(1);
}
const benchmark: { default: () => Promise<void> } = await import(`./${name}.ts`);
await benchmark.default();
