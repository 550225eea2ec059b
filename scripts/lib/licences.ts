import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The file of a tarball with the licences of others. */
const FILE = 'THIRD-PARTY.md';
/** A licence's text, without the line breaks and the indentation in which packages have it. */
const wordsOf = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/**
 * Writes THIRD-PARTY.md of a tarball: the licences of the packages whose code is in its files, each text once.
 *
 * @param target the tarball's folder
 * @param title of the document
 * @param sources files that were bundled
 * @throws Error naming a package without a licence, or when no source is of a package
 */
export async function writeLicences(
  target: string,
  title: string,
  sources: readonly string[],
): Promise<void> {
  const folders = new Map(sources.flatMap(packageOf));
  const texts = [...folders].toSorted().map(([name, folder]) => {
    const [licence] = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined) throw new Error(`${folder} has no licence.`);
    return { name, text: readFileSync(join(folder, licence), 'utf8').trim() };
  });
  if (texts.length === 0) throw new Error(`${target} has nothing of a package.`);
  const sections = [...Map.groupBy(texts, ({ text }) => wordsOf(text)).values()].map(
    (same) => `## ${same.map(({ name }) => name).join(', ')}\n\n${same[0]?.text}\n`,
  );
  await writeFile(join(target, FILE), `# ${title}\n\n${sections.join('\n')}`);
}

/**
 * Name and folder of the package that a source is installed with, or was copied from: a copy has the licence beside it. One
 * inside another's build has no folder of its own.
 */
function packageOf(source: string): [name: string, folder: string][] {
  const folders = Array.from(
    source.matchAll(/[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/g),
    ({ index, 0: part }) => source.slice(0, index + part.length),
  );
  const folder = folders.findLast((each) => existsSync(join(each, 'package.json')));
  const beside = dirname(source);
  if (beside !== folder && existsSync(join(beside, 'LICENSE'))) return [[basename(beside), beside]];
  if (folder === undefined) return [];
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [[`${name} ${version}`, folder]];
}
