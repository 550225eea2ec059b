import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const ALLOCATOR = import.meta.resolve('../../../../src/process-settings.ts');
const DATABASE = import.meta.resolve('../../../../src/core/store/table/database.ts');

/** What a process that loads DuckDB after the allocator's settings prints to standard error. */
async function complaints(setting?: string): Promise<string> {
  const { DUCKDB_JE_MALLOC_CONF: _, ...environment } = process.env;
  const env = setting === undefined ? environment : { ...environment, DUCKDB_JE_MALLOC_CONF: setting };
  const code = `await import(${JSON.stringify(ALLOCATOR)}); await import(${JSON.stringify(DATABASE)});`;
  const { stderr } = await run(process.execPath, ['--input-type=module', '--eval', code], { env });
  return stderr;
}

t.test('DuckDB takes the settings of its allocator', async (t) => {
  t.equal(await complaints(), '');
});

t.test('a setting of the environment is kept', async (t) => {
  const complaint = await complaints('no_such_setting:1');
  // Elsewhere DuckDB has the system's allocator, which reads none.
  t.equal(complaint.includes('no_such_setting:1'), process.platform === 'linux');
});
