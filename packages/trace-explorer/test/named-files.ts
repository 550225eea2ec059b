import { readFileSync } from 'node:fs';

const architecture = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');

/** The files that ARCHITECTURE.md names in some rows of a walk, and the folders that it names for their helpers, which end with `/`. */
export function namedIn(walk: string, isRow: (row: string) => boolean = () => true) {
  const section = architecture.split('\n### ').find((each) => each.startsWith(walk)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && isRow(line));
  const names = rows.flatMap((row) =>
    Array.from(row.matchAll(/`([^`\s]+(?:\.tsx?|\/))`/g), ([, name = '']) => name),
  );
  return {
    files: names.filter((name) => !name.endsWith('/')),
    folders: names.filter((name) => name.endsWith('/')),
  };
}

/**
 * What of a walk is not as ARCHITECTURE.md says: a file that ran and that neither a name nor a folder of helpers has, and what is
 * named and did not run.
 * @param ran paths below the walk's `src`
 */
export function differences(ran: readonly string[], { files, folders }: ReturnType<typeof namedIn>) {
  return {
    unnamed: ran
      .filter((file) => !files.includes(file) && !folders.some((folder) => file.startsWith(folder)))
      .toSorted(),
    unused: [
      ...files.filter((file) => !ran.includes(file)),
      ...folders.filter((folder) => !ran.some((file) => file.startsWith(folder))),
    ].toSorted(),
  };
}
