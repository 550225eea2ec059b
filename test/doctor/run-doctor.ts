import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '@tandem/telemetry/doctor';
import type { Test } from 'tap';
import { ROOT } from '../helpers/processes.ts';

/** What `doctor --json` says. */
export interface Diagnosis {
  readonly code: number;
  readonly output: string;
  readonly findings: readonly Finding[];
}

/** Runs the command with these variables in a folder without a .env. */
export async function runDoctor(t: Test, env: Readonly<Record<string, string>>): Promise<Diagnosis> {
  const cwd = mkdtempSync(join(tmpdir(), 'doctor-env-'));
  t.teardown(() => rmSync(cwd, { recursive: true }));
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'scripts', 'doctor.ts'), '--json'],
      { cwd, env: { PATH, NODE_COMPILE_CACHE, ...env } },
      (error, stdout, stderr) => {
        t.equal(stderr, '');
        resolve({ code: Number(error?.code ?? 0), output: stdout, findings: JSON.parse(stdout).findings });
      },
    );
  });
}

/** The findings of one check. */
export function findingsOf({ findings }: Diagnosis, check: string): Finding[] {
  return findings.filter((each) => each.check === check);
}
