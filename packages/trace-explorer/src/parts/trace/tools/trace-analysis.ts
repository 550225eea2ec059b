import Type from 'typebox';
import { linkTo } from '../../../core/places/place.ts';
import { failedOtherwise } from '../../../core/tests/attempts/failed-otherwise.ts';
import { idSegment, limit, TRACE_DIGITS, traceId } from '../../../core/tools/arguments.ts';
import type { ToolContext } from '../../../core/tools/tool.ts';
import { tool } from '../../../core/tools/tool.ts';
import { criticalPathOf } from '../../../core/traces/model/critical-path.ts';
import type { TraceOutline } from '../../../core/traces/model/outline.ts';
import { selfTimesBy } from '../../../core/traces/model/self-times.ts';
import { movedTimes } from '../../../core/traces/model/stalls.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { buildModel } from '../../../core/traces/model/trace-model.ts';
import { compareTraces } from '../compare-traces.ts';

export const getCriticalPath = tool({
  name: 'get_critical_path',
  title: 'What a trace waited for',
  description:
    'The critical path of a trace: spans by how long the trace waited for the span itself, then sums by service and name. Shortening a span that is not listed does not shorten the trace.',
  advice: 'find_traces lists the stored traces.',
  input: { trace_id: traceId, limit: limit(15, 100) },
  async run({ trace_id, limit = 15 }, { ask, page }) {
    const model = await readModel(trace_id, ask);
    const path = criticalPathOf(model, movedTimes(model));
    const waits = Float64Array.from(model.parent.keys(), (index) => path.time(index));
    const operationKey = (index: number) =>
      waits[index] === 0 ? undefined : JSON.stringify([model.service(index), model.name(index)]);
    const byName = selfTimesBy(model, operationKey, waits).filter(({ key }) => key !== undefined);
    return {
      link: linkTo(page, { view: 'trace', id: trace_id, params: { path: 'critical' } }),
      trace_id: model.traceId,
      duration_ms: milliseconds(model.duration),
      spans_total: model.count,
      by_service_and_name_total: byName.length,
      by_service_and_name: byName.slice(0, limit).map(({ key = '', spans, self }) => {
        const [service, name]: string[] = JSON.parse(key);
        return { service, name, spans, waited_ms: milliseconds(self) };
      }),
      spans: longestWaits(model, limit),
    };
  },
});

export const compareTwoTraces = tool({
  name: 'compare_traces',
  title: 'Two traces beside each other',
  description:
    'How one trace differs from another: own time by service, and the spans that changed most, matched by their path of service, name and kind. own_change_ms is how much longer the span itself took than its counterpart, without its children. Where one of both failed, such as an attempt of a flaky test, differs is one sentence about what the failed one did otherwise.',
  advice: 'find_traces lists the stored traces.',
  input: {
    trace_id: traceId,
    other_trace_id: Type.String({ description: 'The trace to compare with, such as a fast one.' }),
    span_id: spanOf('Only this span and the ones below it, such as one attempt of a test.'),
    other_span_id: spanOf('Likewise, of the other trace.'),
    limit: limit(15, 100),
  },
  async run({ trace_id, other_trace_id, span_id, other_span_id, limit = 15 }, { ask, page }) {
    const other = readModel(other_trace_id, ask, 'other_trace_id');
    const [here, there] = await Promise.all([readModel(trace_id, ask), other]);
    const part = { here: indexOf(here, span_id), there: indexOf(there, other_span_id, 'other_span_id') };
    const isPart = span_id !== undefined || other_span_id !== undefined;
    const compared = compareTraces(here, there, isPart ? part : undefined);
    const differs = failedOtherwise(here, there, part);
    const counts: Record<string, number> = {};
    const changes: { index: number; change: number }[] = [];
    for (let index = 0; index < compared.count; index++) {
      const { difference = 'same', selfChange = 0 } = compared.comparison?.(index) ?? {};
      counts[difference] = (counts[difference] ?? 0) + 1;
      if (difference !== 'same') changes.push({ index, change: Math.abs(selfChange) });
    }
    changes.sort((a, b) => b.change - a.change);
    const [self, otherSelf] = [selfByService(here), selfByService(there)];
    const services = new Set([...self.keys(), ...otherSelf.keys()]);
    return {
      link: linkTo(page, {
        view: 'trace',
        id: trace_id,
        params: {
          compare: other_trace_id,
          ...(isPart && { attempts: `${here.spanId(part.here)}-${there.spanId(part.there)}` }),
        },
      }),
      ...(differs !== undefined && { differs }),
      trace: { trace_id: here.traceId, duration_ms: milliseconds(here.duration), spans: here.count },
      other: { trace_id: there.traceId, duration_ms: milliseconds(there.duration), spans: there.count },
      spans_by_difference: counts,
      services: [...services]
        .map((service) => ({
          service,
          own_ms: milliseconds(self.get(service) ?? 0),
          other_own_ms: milliseconds(otherSelf.get(service) ?? 0),
        }))
        .sort((a, b) => Math.abs(b.own_ms - b.other_own_ms) - Math.abs(a.own_ms - a.other_own_ms))
        .slice(0, limit),
      changed_spans_total: changes.length,
      changed_spans: changes.slice(0, limit).map(({ index }) => {
        const comparison = compared.comparison?.(index);
        return {
          difference: comparison?.difference,
          service: compared.service(index),
          name: compared.name(index),
          span_id: compared.spanId(index),
          duration_ms: comparison?.difference === 'missing' ? 0 : milliseconds(compared.length[index] ?? 0),
          other_duration_ms: milliseconds(comparison?.otherDuration ?? 0),
          own_change_ms: milliseconds(comparison?.selfChange ?? 0),
        };
      }),
    };
  },
});

function spanOf(description: string) {
  return Type.Optional(Type.String({ description, pattern: '^[0-9a-f]{16}$' }));
}

/** @throws Error where the trace has no such span */
function indexOf(model: TraceModel, span = model.spanId(0), name = 'span_id'): number {
  const index = model.indexOf(span);
  if (index >= 0) return index;
  throw new Error(`${name}: the trace has no such span`);
}

/** Spans by the time that the trace waited for them, the longest first. */
export function longestWaits(model: TraceModel, most: number) {
  const path = criticalPathOf(model, movedTimes(model));
  return [...model.parent.keys()]
    .filter((index) => path.time(index) > 0)
    .sort((a, b) => path.time(b) - path.time(a))
    .slice(0, most)
    .map((index) => ({
      span_id: model.spanId(index),
      service: model.service(index),
      name: model.name(index),
      waited_ms: milliseconds(path.time(index)),
      duration_ms: milliseconds(model.length[index] ?? 0),
    }));
}

function selfByService(model: TraceModel) {
  const times = selfTimesBy(model, (index) => model.service(index));
  return new Map(times.map(({ key, self }) => [key, self]));
}

/** @throws Error when no span of the trace is stored, or the argument is no id */
async function readModel(id: string, ask: ToolContext['ask'], name = 'trace_id'): Promise<TraceModel> {
  return buildModel(await ask<TraceOutline>(`/api/traces/${idSegment(name, id, TRACE_DIGITS)}/outline`));
}

/** Milliseconds with only the significant digits. */
function milliseconds(nanoseconds: number): number {
  return Math.round(nanoseconds / 1000) / 1000;
}
