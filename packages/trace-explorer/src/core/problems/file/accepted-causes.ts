import { getOrMake } from '../../../lib/get-or-make.ts';
import { runOf } from '../../runs/read-runs.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { spanColumns } from '../../traces/read/span-columns.ts';
import type { SightingDraft } from '../fingerprint.ts';
import { acceptedBy } from '../judge.ts';
import { readStatements } from '../read/read-statements.ts';
import type { Cause, Sighting } from '../schemas.ts';
import type { Accepted } from './accepted.ts';
import { placeOf } from './find-file.ts';
import { readAccepted } from './known-here.ts';

/** What the project of a run's folder has accepted, and where the folder is in its repository. */
interface Here {
  readonly accepted: Accepted;
  readonly place: string;
}

/** What was seen of each problem, by its id. */
interface Seen {
  readonly sightings: ReadonlyMap<string, readonly SightingDraft[]>;
}

/** Marks the causes that projects have accepted, each by the files of the runs that show it, which are read at each question. */
export class AcceptedCauses {
  readonly #store: SpanStore;
  readonly #folderOf: (run: string | undefined) => Promise<string | undefined>;

  /** @param folderOf the folder of a run, absolute */
  constructor(store: SpanStore, folderOf: (run: string | undefined) => Promise<string | undefined>) {
    this.#store = store;
    this.#folderOf = folderOf;
  }

  /** The causes, of which accepted ones say by whom. A file with a fault accepts nothing. */
  async mark(causes: readonly Cause[], { sightings }: Seen, options: ReadOptions): Promise<Cause[]> {
    const shown = causes.flatMap(({ id }) => sightings.get(id) ?? []);
    if (shown.length === 0) return [...causes];
    const runs = await this.#runsOf(
      shown.map(({ sighting }) => sighting.trace_id),
      options,
    );
    const found = new Map<string | undefined, Promise<Here | undefined>>();
    const here = (run: string | undefined) =>
      getOrMake(found, run, () => this.#hereOf(run).catch(() => undefined));
    const files = await Promise.all([...new Set(runs.values())].map(here));
    if (files.every((file) => file === undefined)) return [...causes];
    const read = await readStatements(this.#store, shown, options);
    return Promise.all(
      causes.map(async (cause) => {
        const own = sightings.get(cause.id);
        const by = own && (await acceptedIn(read(own), ({ trace_id }) => here(runs.get(trace_id))));
        return by === undefined ? cause : { ...cause, accepted: by };
      }),
    );
  }

  /** The causes with their sightings, and the traces that show each of them. */
  async withSightings(causes: readonly Cause[], { sightings }: Seen, options: ReadOptions): Promise<Cause[]> {
    const of = ({ id }: Cause) => sightings.get(id) ?? [];
    const read = await readStatements(this.#store, causes.flatMap(of), options);
    return causes.map((cause) => {
      const seen = of(cause);
      const told = read(seen).map((sighting, at) => {
        const { weights = new Map<string, number>() } = seen[at] ?? {};
        const isSampled = [...weights.values()].some((weight) => weight !== 1);
        return {
          ...sighting,
          trace_ids: [...weights.keys()],
          ...(isSampled && { trace_weights: [...weights.values()] }),
        };
      });
      return { ...cause, sightings: told };
    });
  }

  async #hereOf(run: string | undefined): Promise<Here | undefined> {
    const folder = await this.#folderOf(run);
    const accepted = folder === undefined ? undefined : await readAccepted(folder);
    return accepted && folder !== undefined ? { accepted, place: placeOf(folder) } : undefined;
  }

  /** The runs of some traces. */
  async #runsOf(traceIds: readonly string[], options: ReadOptions): Promise<Map<string, string | undefined>> {
    const { traceId, isSpan } = spanColumns(this.#store);
    const { rows } = await this.#store.read(
      `SELECT ${traceId}, min(${runOf(this.#store)}) FROM spans
      WHERE ${traceId} IN (SELECT unnest(string_split($1, ' '))) AND ${isSpan} GROUP BY 1`,
      [[...new Set(traceIds)].join(' ')],
      options,
    );
    return new Map(rows.map(([id, run]) => [String(id), typeof run === 'string' ? run : undefined]));
  }
}

/** Who has accepted all sightings, each by the file of its run; undefined where one of them is not accepted. */
async function acceptedIn(
  sightings: readonly Sighting[],
  fileOf: (sighting: Sighting) => Promise<Here | undefined>,
): Promise<Cause['accepted']> {
  const files = await Promise.all(sightings.map(fileOf));
  const judged = [...Map.groupBy(sightings.keys(), (at) => files[at])].map(([file, ats]) => {
    const own = [...ats].flatMap((at) => sightings[at] ?? []);
    return {
      isWeak: own.every(({ weak }) => weak),
      file,
      known: file?.accepted.judge(own, file.place).known,
    };
  });
  const strong = judged.filter(({ isWeak }) => !isWeak);
  const [first] = strong;
  if (first?.known === undefined || first.file === undefined) return undefined;
  return strong.every(({ known }) => known !== undefined)
    ? acceptedBy(first.known, first.file.accepted)
    : undefined;
}
