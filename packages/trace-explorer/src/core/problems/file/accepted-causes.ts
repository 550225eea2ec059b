import { acceptanceOf } from '../../../../core/door/acceptance.ts';
import type { ServerContext } from '../../../../core/door/node.ts';
import type { Acceptance, Accepted, SightedKind } from '../../../../core/runs/accepted.ts';
import { runOf } from '../../../../core/runs/read-runs.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import type { Inspection } from '../inspection.ts';
import type { Cause } from '../schemas.ts';
import { acceptedBy } from './mark-known.ts';
import { readKinds } from './read-kinds.ts';
import type { Kinds } from './sighted.ts';

/** What the project of a run's folder has accepted, and where the folder is in its repository. */
interface Here {
  readonly accepted: Accepted;
  readonly place: string;
}

/** Marks the causes that projects have accepted, each by the files of the runs that show it, which are read at each question. */
export class AcceptedCauses {
  readonly #store: SpanStore;
  readonly #context: Pick<ServerContext, 'folderOf' | 'parts'>;

  constructor(store: SpanStore, context: Pick<ServerContext, 'folderOf' | 'parts'>) {
    this.#store = store;
    this.#context = context;
  }

  /** The causes, of which accepted ones say by whom. A file with a fault accepts nothing. */
  async mark(
    causes: readonly Cause[],
    { kinds }: Pick<Inspection, 'kinds'>,
    options: ReadOptions,
  ): Promise<Cause[]> {
    const acceptance = await acceptanceOf(this.#context.parts);
    const shown = causes.flatMap(({ id }) => kinds.get(id) ?? []);
    if (acceptance === undefined || shown.length === 0) return [...causes];
    const runs = await this.#runsOf(
      shown.flatMap((each) => [...each.values()].map(({ kind }) => kind.trace_id)),
      options,
    );
    const read = new Map<string | undefined, Promise<Here | undefined>>();
    const here = (run: string | undefined) =>
      getOrMake(read, run, () => this.#hereOf(acceptance, run).catch(() => undefined));
    const files = await Promise.all([...new Set(runs.values())].map(here));
    if (files.every((file) => file === undefined)) return [...causes];
    const kindsOf = await readKinds(this.#store, shown, options);
    return Promise.all(
      causes.map(async (cause) => {
        const own = kinds.get(cause.id);
        const known = own && (await knownIn(kindsOf(own), ({ trace_id }) => here(runs.get(trace_id))));
        return known === undefined ? cause : { ...cause, accepted: known };
      }),
    );
  }

  /** The causes with one sighting of each kind, and the traces that show it. */
  async withSightings(
    causes: readonly Cause[],
    { kinds }: Pick<Inspection, 'kinds'>,
    options: ReadOptions,
  ): Promise<Cause[]> {
    const of = ({ id }: Cause): Kinds => kinds.get(id) ?? new Map();
    const kindsOf = await readKinds(this.#store, causes.map(of), options);
    return causes.map((cause) => {
      const seen = [...of(cause).values()];
      const sightings = kindsOf(of(cause)).map((kind, at) => {
        const { weights = new Map<string, number>() } = seen[at] ?? {};
        const isSampled = [...weights.values()].some((weight) => weight !== 1);
        return {
          ...kind,
          trace_ids: [...weights.keys()],
          ...(isSampled && { trace_weights: [...weights.values()] }),
        };
      });
      return { ...cause, sightings };
    });
  }

  async #hereOf(acceptance: Acceptance, run: string | undefined): Promise<Here | undefined> {
    const folder = await this.#context.folderOf(run);
    const accepted = folder === undefined ? undefined : await acceptance.read(folder);
    return accepted && folder !== undefined ? { accepted, place: acceptance.placeOf(folder) } : undefined;
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

/** Who has accepted all kinds of sightings, each by the file of its run; undefined where one of them is not accepted. */
async function knownIn(
  kinds: readonly SightedKind[],
  fileOf: (kind: SightedKind) => Promise<Here | undefined>,
): Promise<Cause['accepted']> {
  const files = await Promise.all(kinds.map(fileOf));
  const judged = [...Map.groupBy(kinds.keys(), (at) => files[at])].map(([file, ats]) => {
    const own = [...ats].flatMap((at) => kinds[at] ?? []);
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
