import { useMemo } from 'preact/hooks';
import type { TraceModel } from '../../../traces/model/trace-model.ts';
import { useFieldValues } from './colors.ts';

/** A field shown beside each span. */
export interface ExtraColumn {
  readonly name: string;
  readonly textOf: (place: number) => string | undefined;
}

/** Columns beside the waterfall; their values are read when they are chosen. */
export const MAX_COLUMNS = 4;

/** The chosen fields as columns of the waterfall. */
export function useColumns(model: TraceModel, names: readonly string[]): readonly ExtraColumn[] {
  const id = model.traceId;
  const read = [
    useFieldValues(id, names[0]),
    useFieldValues(id, names[1]),
    useFieldValues(id, names[2]),
    useFieldValues(id, names[3]),
  ];
  return useMemo(
    () =>
      names.slice(0, MAX_COLUMNS).map((name, index) => ({
        name,
        textOf(place) {
          const values = read[index];
          const at = values?.value[model.source(place)] ?? -1;
          return at < 0 ? undefined : String(values?.values[at]);
        },
      })),
    [model, names.join(), ...read],
  );
}
