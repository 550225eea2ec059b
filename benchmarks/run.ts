import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { answerHelp, refuseArguments, UsageError } from '../tools/arguments.ts';
import { callOf } from '../tools/root.ts';

/** The exports of benchmarks/NAME/main.ts: a function that prints the figures, and the usage text of its options. */
interface Benchmark {
  readonly default: () => Promise<void>;
  readonly usage?: string;
}

// `bench NAME` runs a benchmark.
const names = readdirSync(import.meta.dirname)
  .filter((folder) => existsSync(join(import.meta.dirname, folder, 'main.ts')))
  .toSorted();
const [name = '', ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  const usage = `Usage: ${callOf('bench')} NAME, with one of: ${names.join(', ')}`;
  answerHelp(usage, [name]);
  refuseArguments(usage, new UsageError(name === '' ? 'Which one?' : `There is no benchmark ${name}.`));
}
const { default: run, usage: options }: Benchmark = await import(`./${name}/main.ts`);
const usage = `Usage: ${callOf('bench')} ${[name, options].filter(Boolean).join(' ')}`;
answerHelp(usage, args);
try {
  if (options === undefined && args.length > 0) throw new UsageError(`${name} takes no ${args[0]}.`);
  await run();
} catch (error) {
  refuseArguments(usage, error);
}
