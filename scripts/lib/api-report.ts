import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtempDisposable, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { ROOT } from './root.ts';

/** The types of a tarball's entry; its CommonJS form is `NAME.d.cts`. */
const ENTRY = /^([a-z-]+)\.d\.mts$/;

/**
 * Writes API Extractor's report of a tarball's types into `folder`, one `NAME.txt` per entry.
 *
 * @param name folder of the package in packages/, which has the dependencies of the types
 */
export async function writeApiReports(name: string, tarball: string, folder: string): Promise<void> {
  await using work = await mkdtempDisposable(join(tmpdir(), `api-${name}-`));
  await promisify(execFile)('tar', ['-xzf', tarball, '-C', work.path]);
  const unpacked = join(work.path, 'package');
  await symlink(join(ROOT, 'packages', name, 'node_modules'), join(unpacked, 'node_modules'), 'junction');
  await mkdir(folder, { recursive: true });
  for (const file of (await readdir(unpacked)).toSorted()) {
    const entry = ENTRY.exec(file)?.[1];
    if (entry === undefined) continue;
    report(unpacked, entry, work.path);
    // The extractor gives its files no other ending.
    await copyFile(join(work.path, `${entry}.api.md`), join(folder, `${entry}.txt`));
  }
}

function report(unpacked: string, entry: string, work: string): void {
  const types = join(unpacked, `${entry}.d.cts`);
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: unpacked,
      mainEntryPointFilePath: types,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            target: 'es2024',
            strict: true,
            skipLibCheck: true,
            types: ['node'],
            typeRoots: [join(ROOT, 'node_modules', '@types')],
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${entry}.api.md`,
        reportFolder: work,
        reportTempFolder: join(work, 'temporary'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(unpacked, 'package.json'),
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
}
