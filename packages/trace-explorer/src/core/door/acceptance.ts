import type { Acceptance, KnownHere } from '../runs/accepted.ts';
import type { NodePart } from './node.ts';

declare module './node.ts' {
  interface NodePart {
    /** Reads which problems a project has accepted. */
    acceptance?(): Promise<Acceptance>;
  }
}

/** What reads the problems that projects have accepted; undefined without its part. */
export async function acceptanceOf(parts: readonly NodePart[]): Promise<Acceptance | undefined> {
  return parts.find(({ acceptance }) => acceptance !== undefined)?.acceptance?.();
}

/** Which problems the project of this process's folder has accepted. Never throws. @param named the file, or `none` */
export async function knownHere(parts: readonly NodePart[], named: string | undefined): Promise<KnownHere> {
  return knownIn(parts, process.cwd(), named);
}

/** Which problems the project of a folder has accepted. Never throws. @param named the file, or `none` */
export async function knownIn(
  parts: readonly NodePart[],
  folder: string,
  named?: string,
): Promise<KnownHere> {
  const acceptance = await acceptanceOf(parts);
  if (acceptance === undefined) return {};
  const place = acceptance.placeOf(folder);
  return acceptance.read(folder, named).then(
    (accepted) => ({ accepted, place }),
    ({ message }: Error) => ({ fault: message, place }),
  );
}
