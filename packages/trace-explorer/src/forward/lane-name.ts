import { readdir } from 'node:fs/promises';
import { OtlpHttpError } from '../receiver/http-error.ts';

/** What bodies need in common to be sent together. */
export interface LaneName {
  /** The dataset that the sender names; empty for none. */
  readonly dataset: string;
  /** Ids of the explorers that have sent the bodies on, the last one last. */
  readonly hops: readonly string[];
}

/** Explorers in a row. */
const MAX_HOPS = 4;
const HOPS = /^[0-9a-f]{12}(?:,[0-9a-f]{12})*$/;
/** Characters of a folder's name, for the dataset. */
const MAX_FOLDER = 200;

/**
 * Reads the headers of a sender.
 * @param own id of this explorer
 * @throws OtlpHttpError for a body that this explorer has sent on, and for a long name of a dataset
 */
export function laneNameOf(dataset: string, hops: string, own: string): LaneName {
  const ids = HOPS.test(hops) ? hops.split(',') : [];
  if (ids.includes(own))
    throw new OtlpHttpError(
      400,
      'this explorer has sent the same data on: EXPLORER_FORWARD leads back to it. Set EXPLORER_FORWARD to another place',
    );
  if (ids.length >= MAX_HOPS)
    throw new OtlpHttpError(400, `${MAX_HOPS} explorers have sent the same data on already`);
  const name = { dataset: dataset.trim(), hops: ids };
  if (folderOf({ ...name, hops: [] }).length > MAX_FOLDER)
    throw new OtlpHttpError(400, 'the name of the dataset in x-honeycomb-dataset is too long to be sent on');
  return name;
}

/** The name as a folder's. */
export function folderOf({ dataset, hops }: LaneName): string {
  const encoded = encodeURIComponent(dataset.toWellFormed()).replace(
    /[*'()!~.]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `${hops.join('.')}@${encoded}`;
}

/** The names that the folders in a folder have. */
export async function laneNamesIn(directory: string): Promise<LaneName[]> {
  const folders = await readdir(directory).catch(() => []);
  return folders.flatMap((folder) => {
    const [, hops = '', dataset] = /^([0-9a-f.]*)@(.*)$/.exec(folder) ?? [];
    if (dataset === undefined) return [];
    return [{ dataset: decodeURIComponent(dataset), hops: hops === '' ? [] : hops.split('.') }];
  });
}
