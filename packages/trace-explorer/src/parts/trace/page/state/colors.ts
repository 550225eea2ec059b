import { useMemo } from 'preact/hooks';
import { DATABASE_COLOR, hueOf, serviceColors } from '../../../../core/places/service-color.ts';
import { selfTimesBy } from '../../../../core/traces/model/self-times.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useServiceColor } from '../../../../page/components/services/service-colors.ts';
import type { TextOf } from './field-texts.ts';

export type Coloring = ReturnType<typeof useColoring>;

/** Colours by service, or by the values of a field after they have been read. */
export function useColoring(model: TraceModel, textOf: TextOf | undefined) {
  const serviceColor = useServiceColor();
  return useMemo(() => {
    const coloredBy = textOf ?? model.service;
    const counted = selfTimesBy(model, coloredBy);
    // The values with the most time get their colours first.
    const colors = serviceColors(textOf === undefined ? [] : counted.flatMap(({ key }) => key ?? []));
    const colorOfKey = (key: string | undefined) => {
      if (key === undefined) return DATABASE_COLOR;
      return textOf === undefined ? serviceColor(key) : hueOf(colors.get(key) ?? 0);
    };
    return {
      colorOf: (index: number) => colorOfKey(coloredBy(index)),
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
