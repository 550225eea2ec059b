import { readJsonFile } from '../../lib/node/json-file.ts';
import { fileErrorWords } from '../../lib/text/file-error.ts';
import { saveFile } from './saved-file.ts';

/** What a file of a map is. */
interface MapFile<T> {
  /** Undefined: memory alone keeps the map. */
  readonly path: string | undefined;
  /** An entry as it is used today; undefined for what is none. */
  readonly entryOf: (id: string, value: unknown) => readonly [id: string, value: T] | undefined;
  /** The error for a file that cannot be read. @param detail the file, and what is wrong with it */
  readonly unreadable: (detail: string) => Error;
}

/** A map in a JSON file of the explorer's. A file that cannot be read stays as it is until somebody has mended it. */
export class KeptMap<T> {
  readonly #file: MapFile<T>;
  #map: Promise<Map<string, T>> | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(file: MapFile<T>) {
    this.#file = file;
  }

  /** The map; empty where the file cannot be read. Whoever changes it is told. */
  shown(): Promise<ReadonlyMap<string, T>> {
    return this.#read().catch(() => new Map());
  }

  /**
   * Changes the map and its file. Changes are written one after the other.
   * @param change says `false` where nothing changes
   * @throws the error for a file that cannot be read, and problem FOLDER_NOT_WRITABLE
   */
  async change(change: (map: Map<string, T>) => unknown): Promise<void> {
    const map = await this.#read();
    const { path } = this.#file;
    if (change(map) === false || path === undefined) return;
    const written = this.#written.then(() => saveFile(path, Object.fromEntries(map), 'DATA_DIR'));
    this.#written = written.catch(() => {});
    await written;
  }

  #read(): Promise<Map<string, T>> {
    if (this.#map !== undefined) return this.#map;
    const map = this.#readFile();
    this.#map = map;
    map.catch(() => {
      this.#map = undefined; // until somebody has mended the file
    });
    return map;
  }

  async #readFile(): Promise<Map<string, T>> {
    const { path, entryOf, unreadable } = this.#file;
    if (path === undefined) return new Map();
    const file = await readJsonFile(path).catch((error: unknown) => {
      const { message } = Object(error);
      const words = error instanceof RangeError ? message : fileErrorWords(error);
      const fault: string = words === undefined ? message : `cannot be read: ${words}`;
      throw unreadable(`${path} ${fault.replace(/\.$/, '')}`);
    });
    if (file === undefined) return new Map();
    if (typeof file !== 'object' || file === null || Array.isArray(file))
      throw unreadable(`${path} is no JSON object`);
    const entries = Object.entries(file).map(([id, value]) => entryOf(id, value));
    return new Map(entries.filter((entry) => entry !== undefined));
  }
}
