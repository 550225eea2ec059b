import { useMemo } from 'preact/hooks';
import { serviceColors } from '../../../shared/service-color.ts';
import { selfTimesBy } from '../../../traces/model/self-times.ts';
import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { TextOf } from './field-texts.ts';

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

/** Colours by service, or by what a field says once its values have been read. */
export function useColoring(model: TraceModel, textOf: TextOf | undefined): Coloring {
  return useMemo(() => {
    const keyOf = textOf ?? model.service;
    const counted = selfTimesBy(model, keyOf);
    const services = textOf === undefined ? counted : selfTimesBy(model, model.service);
    // Those that took the most time are told apart first.
    const colors = serviceColors(counted.flatMap(({ key }) => key ?? []));
    const colorOfKey = (key = '') => colors.get(key) ?? NO_VALUE;
    return {
      colorOf: (place) => colorOfKey(keyOf(place)),
      services: services.flatMap(({ key }) => key ?? []),
      legend: counted.map(({ key, ...counts }) => ({
        label: key ?? 'none',
        color: colorOfKey(key),
        ...counts,
      })),
    };
  }, [model, textOf]);
}
