import { useMemo } from 'preact/hooks';
import { serviceColors } from '../../../../core/shared/service-color.ts';
import { selfTimesBy } from '../../../../core/traces/model/self-times.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useServiceColor } from '../../../../page/components/services/service-colors.ts';
import type { TextOf } from './field-texts.ts';

/** The colour of spans without the field. */
const NO_VALUE = 'var(--cdb)';

export type Coloring = ReturnType<typeof useColoring>;

/** Colours by service, or by the values of a field after they have been read. */
export function useColoring(model: TraceModel, textOf: TextOf | undefined) {
  const serviceColor = useServiceColor();
  return useMemo(() => {
    const keyOf = textOf ?? model.service;
    const counted = selfTimesBy(model, keyOf);
    // The values with the most time get their colours first.
    const colors = serviceColors(textOf === undefined ? [] : counted.flatMap(({ key }) => key ?? []));
    const colorOfKey = (key: string | undefined) => {
      if (key === undefined) return NO_VALUE;
      return textOf === undefined ? serviceColor(key) : (colors.get(key) ?? NO_VALUE);
    };
    return {
      colorOf: (index: number) => colorOfKey(keyOf(index)),
      /** Whether colours tell services apart. */
      ofServices: textOf === undefined,
      /** The meaning of the colours, the most time first. */
      legend: counted.map(({ key, ...counts }) => ({
        label: key ?? 'none',
        color: colorOfKey(key),
        ...counts,
      })),
    };
  }, [model, textOf, serviceColor]);
}
