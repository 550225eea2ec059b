import { useCallback, useMemo } from 'preact/hooks';
import { serviceColors } from '../../../shared/service-color.ts';
import { selfTimesBy } from '../../../traces/model/self-times.ts';
import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { FieldValues } from '../../../traces/read/field-values.ts';
import { getJson } from '../../api.ts';
import { useLoad } from '../../use-load.ts';

/** The colour of spans that do not have the field. */
const NO_VALUE = '#8a939e';

export interface Coloring {
  readonly colorOf: (place: number) => string;
  /** Those that took the most time themselves first. */
  readonly services: readonly string[];
  /** What the colours mean, the most time first. */
  readonly legend: readonly {
    readonly label: string;
    readonly color: string;
    readonly spans: number;
    readonly errors: number;
    /** Nanoseconds that these spans took themselves; spans side by side count each. */
    readonly self: number;
  }[];
}

/** Colours by service, or by the values of a field once they have been read. */
export function useColoring(model: TraceModel | undefined, field: string | undefined): Coloring {
  const values = useFieldValues(model?.traceId, field);
  const keyOf = useCallback(
    (place: number): string | undefined => {
      if (model === undefined) return undefined;
      if (values === undefined) return model.service(place);
      const at = values.value[model.source(place)] ?? -1;
      return at < 0 ? undefined : String(values.values[at]);
    },
    [model, values],
  );
  return useMemo(() => {
    if (model === undefined) return { colorOf: () => NO_VALUE, services: [], legend: [] };
    const counted = selfTimesBy(model, keyOf);
    const services = values === undefined ? counted : selfTimesBy(model, model.service);
    // Those that took the most time are told apart first.
    const colors = serviceColors(counted.flatMap(({ key }) => key ?? []));
    const colorOfKey = (key: string | undefined) =>
      (key === undefined ? undefined : colors.get(key)) ?? NO_VALUE;
    return {
      colorOf: (place) => colorOfKey(keyOf(place)),
      services: services.flatMap(({ key }) => key ?? []),
      legend: counted.map(({ key, ...counts }) => ({
        label: key ?? 'none',
        color: colorOfKey(key),
        ...counts,
      })),
    };
  }, [model, values, keyOf]);
}

/** One field's values in all spans of a trace; undefined while they are read, or without a field. */
export function useFieldValues(
  traceId: string | undefined,
  field: string | undefined,
): FieldValues | undefined {
  const { value } = useLoad(
    async (signal) => {
      if (traceId === undefined || field === undefined) return undefined;
      const path = `/api/traces/${traceId}/values?field=${encodeURIComponent(field)}`;
      return { field, values: await getJson<FieldValues>(path, signal) };
    },
    [traceId, field],
  );
  return value?.field === field ? value?.values : undefined;
}
