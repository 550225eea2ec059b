import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, relative } from 'node:path';

// `lint`: the order of folders, who may load which, and how much a reader can take at once, by budgets.json beside it. Packages
// have no limit of lines: one that rises with each change says nothing. The number of ideas keeps the code small.
interface Table {
  /** Lines of one file, and files of one folder, at most: a limit for a reader. */
  readonly fileLines: number;
  readonly folderFiles: number;
  /** Files and folders of a source folder in an order: each imports only from entries before it. */
  readonly rooms: Readonly<Record<string, readonly string[]>>;
  /** Of a source folder, the packages that each of its rooms may import, types too; a room without a row imports none. */
  readonly outside: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Allowed imports against this order: their number per pair of rooms. */
  readonly upwards: Readonly<Record<string, number>>;
  /** Of a source folder, rooms that never import others, whatever the order says. `features/*` is each of its folders, and no other of them. */
  readonly apart?: Readonly<Record<string, readonly Apart[]>>;
  /** A folder of parts: each imports only from parts that its part.ts `needs`, without a circle, and nobody outside of its package from any. */
  readonly parts?: { readonly folder: string };
  /** What runs in a browser: the folders of the page, and the rooms of the core that it may load. */
  readonly browser?: {
    readonly folder: string;
    readonly page: readonly string[];
    readonly core: readonly string[];
  };
}

/** A room that imports nothing from others, but for some of their files. */
interface Apart {
  readonly room: string;
  readonly from: readonly string[];
  readonly but?: readonly string[];
}

/** Names every file and folder over its limit, every import against the order, and every room that does not exist, in one sentence each. */
export function findExcesses(root: string): string[] {
  const { table, files, tests, texts, importsOf, valuesOf } = readSources(root);
  const excesses: string[] = [];
  const check = (what: string, size: number, unit: string, atMost: number) => {
    if (size > atMost) excesses.push(`${what}: ${size} ${unit}, at most ${atMost}.`);
  };
  for (const [file, text] of texts) check(file, text.split('\n').length - 1, 'lines', table.fileLines);
  for (const [folder, inside] of Map.groupBy([...files, ...tests], dirname))
    check(folder, inside.length, 'files', table.folderFiles);
  for (const [folder, rooms] of Object.entries(table.rooms)) {
    for (const room of rooms.filter((each) => !existsSync(join(root, folder, each))))
      excesses.push(`${folder}: its room ${room} in budgets.json does not exist.`);
    const upwards = new Map<string, string[]>();
    for (const file of files.filter((each) => each.startsWith(`${folder}/`))) {
      if (!rooms.includes(roomOf(folder, file, rooms)))
        excesses.push(`${file}: its room is not in budgets.json.`);
      for (const imported of importsOf(file)) {
        if (!imported.startsWith(`${folder}/`)) continue;
        const [from, to] = [roomOf(folder, file, rooms), roomOf(folder, imported, rooms)];
        if (rooms.indexOf(to) <= rooms.indexOf(from)) continue;
        const way = `${folder}: ${from} > ${to}`;
        upwards.set(way, [...(upwards.get(way) ?? []), file]);
      }
    }
    for (const [way, by] of upwards)
      check(`${way} (${[...new Set(by)].join(', ')})`, by.length, 'imports upwards', table.upwards[way] ?? 0);
  }
  for (const [folder, packagesOf] of Object.entries(table.outside))
    for (const file of files.filter((each) => each.startsWith(`${folder}/`)))
      for (const name of packagesIn(texts.get(file) ?? ''))
        if (!packagesOf[roomOf(folder, file, Object.keys(packagesOf))]?.includes(name))
          excesses.push(`${file}: its room may not import ${name}.`);
  for (const [folder, rows] of Object.entries(table.apart ?? {}))
    for (const file of files.filter((each) => each.startsWith(`${folder}/`)))
      for (const imported of importsOf(file).filter((each) => each.startsWith(`${folder}/`)))
        if (
          rows.some((row) => isApart(row, file.slice(folder.length + 1), imported.slice(folder.length + 1)))
        )
          excesses.push(`${file}: imports ${imported}, which its room stays apart from.`);
  if (table.parts) {
    const { folder } = table.parts;
    const needs = needsOf(folder, texts);
    for (const file of files.filter((each) => each.startsWith(`${folder}/`)))
      for (const imported of importsOf(file)) {
        const [from, to] = [roomOf(folder, file), roomOf(folder, imported)];
        if (imported.startsWith(`${folder}/`) && to !== from && !needs.get(from)?.has(to))
          excesses.push(`${file}: its part does not need ${to} (part.ts), and imports it.`);
      }
    // A benchmark measures what is inside, as a test does.
    const isOutside = (file: string) =>
      !file.startsWith(`${dirname(folder)}/`) && !file.startsWith('benchmarks/');
    for (const file of files.filter(isOutside))
      for (const imported of importsOf(file).filter((each) => each.startsWith(`${folder}/`)))
        excesses.push(`${file}: imports ${imported}, which is inside of a part.`);
    const circle = [...needs.keys()].toSorted().filter((name) => reached(needs, name).has(name));
    if (circle.length > 0) excesses.push(`${folder}: ${circle.join(', ')} need each other in a circle.`);
  }
  if (table.browser) excesses.push(...loadsForBrowser(table.browser, texts, valuesOf));
  return excesses;
}

/** Whether a row forbids a file what it imports. */
function isApart({ room, from, but = [] }: Apart, file: string, imported: string): boolean {
  const own = folderBy(room, file);
  const others = from.map((pattern) => folderBy(pattern, imported)).filter((each) => each !== undefined);
  return own !== undefined && others.some((each) => each !== own) && !but.includes(imported);
}

/** The folder that a file is in by a pattern such as `features/*`; undefined for another file. */
function folderBy(pattern: string, file: string): string | undefined {
  if (!matchesGlob(file, `${pattern}/**`)) return undefined;
  return file.split('/', pattern.split('/').length).join('/');
}

/** Imports by which a browser would load what is for Node. Files at the root of a part are for both. */
function loadsForBrowser(
  { folder, page, core }: NonNullable<Table['browser']>,
  texts: ReadonlyMap<string, string>,
  valuesOf: (file: string) => string[],
): string[] {
  const isIn = (rooms: readonly string[], file: string) =>
    rooms.some((room) => matchesGlob(file, `${folder}/${room}{,/**}`));
  const isFor = (file: string) =>
    !file.startsWith(`${folder}/`) ||
    isIn([...page, ...core], file) ||
    (matchesGlob(file, `${folder}/parts/*/*.ts`) && !file.endsWith('/part.node.ts'));
  const loaded = new Set([...texts.keys()].filter((file) => isIn(page, file)));
  const excesses: string[] = [];
  // The loop also reaches files that it adds to the Set.
  for (const file of loaded)
    for (const imported of valuesOf(file).filter((each) => texts.has(each)))
      if (isFor(imported)) loaded.add(imported);
      else excesses.push(`${file}: loads ${imported} in a browser.`);
  return excesses;
}

/** The packages of others that a source imports, without Node's own modules. */
function packagesIn(text: string): Set<string> {
  const imports = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'((?:@[\w-]+\/)?[a-z][\w.-]*)(?:\/[^']*)?'/g);
  return new Set(Array.from(imports, ([, name = '']) => name));
}

/** The parts that each part's door says that it needs. */
function needsOf(folder: string, texts: ReadonlyMap<string, string>): Map<string, ReadonlySet<string>> {
  const doors = [...texts].filter(([file]) => matchesGlob(file, `${folder}/*/part.ts`));
  return new Map(
    doors.map(([file, text]) => {
      const [, list = ''] = /\bneeds: \[([^\]]*)\]/.exec(text) ?? [];
      return [roomOf(folder, file), new Set([...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name))];
    }),
  );
}

/** What a part needs, and what these need. */
function reached(needs: ReadonlyMap<string, ReadonlySet<string>>, name: string): Set<string> {
  const found = new Set(needs.get(name));
  // The loop also reaches names that it adds to the Set.
  for (const each of found) for (const further of needs.get(each) ?? []) found.add(further);
  return found;
}

/** Imports, of types too. */
const IMPORTS = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;
/** Imports that load a file, as imports of types do not. */
const VALUES =
  /^(?:(?:import|export) (?!type\b)[^;']*?from |import )'(?<path>\.[^']+)'|(?<!\btypeof )\bimport\(\s*'(?<path>\.[^']+)'/gm;

function readSources(root: string) {
  const table: Table = JSON.parse(readFileSync(join(root, 'scripts/budgets.json'), 'utf8'));
  const pattern = '{packages/*/src,services/*/src,scripts,tools,benchmarks}/**/*.{ts,tsx}';
  const exclude = (path: string) => path.endsWith('node_modules');
  const files = globSync(pattern, { cwd: root, exclude }).map((path) => path.replaceAll('\\', '/'));
  // Of tests at the root, how many are in a folder is all that counts.
  const tests = globSync('test/**/*.{ts,cjs,mjs}', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const importsOf = (file: string) =>
    [...(texts.get(file) ?? '').matchAll(IMPORTS)].map(([, path = '']) =>
      relative(root, join(root, dirname(file), path)).replaceAll('\\', '/'),
    );
  const valuesOf = (file: string) =>
    Array.from((texts.get(file) ?? '').matchAll(VALUES), ({ groups }) =>
      join(dirname(file), groups?.path ?? '').replaceAll('\\', '/'),
    );
  return { table, files, tests, texts, importsOf, valuesOf };
}

/** The innermost of the rooms that a file is in; else the first name of its path below the folder. */
function roomOf(folder: string, file: string, rooms: readonly string[] = []): string {
  const path = file.slice(folder.length + 1);
  const around = rooms.filter((room) => path === room || path.startsWith(`${room}/`));
  return around.toSorted((a, b) => b.length - a.length)[0] ?? path.split('/', 1)[0] ?? '';
}

if (import.meta.main) {
  const excesses = findExcesses(join(import.meta.dirname, '..'));
  for (const excess of excesses) console.error(excess);
  if (excesses.length > 0) process.exitCode = 1;
}
