import type { Static } from 'typebox';
import Type from 'typebox';
import { hrefOf, tracePlace } from '../../places/place.ts';
import type { List, Trace } from '../../traces/api/schemas.ts';
import { ListQuery } from '../../traces/api/schemas.ts';
import type { TraceOutline } from '../../traces/model/outline.ts';
import { buildModel } from '../../traces/model/trace-model.ts';
import { CLOSED, limit, offset, searchOf, segment, traceId } from '../arguments.ts';
import { tool } from '../tool.ts';
import { longestWaits } from './trace-analysis.ts';

const { service, name, errors, min_duration_ms, max_duration_ms, field, start_time, end_time, order } =
  ListQuery.properties;

export const findTraces = tool({
  name: 'find_traces',
  title: 'Find traces',
  description:
    'Traces in one line each, newest or slowest first: with a service, a span’s name, an error, a duration, or values of fields.',
  input: Type.Object(
    {
      service,
      name,
      errors,
      min_duration_ms,
      max_duration_ms,
      field,
      start_time,
      end_time,
      order,
      limit: limit(10, 50),
      cursor: Type.Optional(Type.String({ description: '`next_cursor` of the answer before.' })),
    },
    CLOSED,
  ),
  async run({ limit = 10, field = [], cursor, ...rest }, { ask, page }) {
    const query = searchOf({ ...rest, field, limit, cursor });
    const { traces, next } = await ask<Static<typeof List>>(`/api/traces?${query}`);
    // The page takes one field.
    const params = Object.fromEntries(searchOf({ ...rest, field: field[0] }));
    return {
      link: page + hrefOf({ view: 'traces', params }),
      ...(next !== undefined && { next_cursor: next }),
      traces: traces.map(({ services, start_ns: _, ...trace }) => ({
        ...trace,
        services: services.slice(0, 5),
        ...(services.length > 5 && { more_services: services.length - 5 }),
        link: page + hrefOf(tracePlace(trace.trace_id)),
      })),
    };
  },
});

export const getTrace = tool({
  name: 'get_trace',
  title: 'One trace',
  description:
    'A trace: how long it took, its services, errors, what is odd about it, what it waited for most, and the first spans in depth-first order. offset and limit ask for other spans, root for those below one; span_id for all fields of one span.',
  input: Type.Object(
    {
      trace_id: traceId,
      span_id: Type.Optional(Type.String({ description: 'Only this span, with all of its fields.' })),
      root: Type.Optional(Type.String({ description: 'Only this span and those below it.' })),
      offset,
      limit: limit(25, 150),
    },
    CLOSED,
  ),
  async run({ trace_id, span_id, root, offset = 0, limit = 25 }, { ask, page }) {
    const path = `/api/traces/${segment(trace_id)}`;
    if (span_id !== undefined) {
      const form = await ask<Record<string, unknown>>(`${path}/spans/${segment(span_id)}?form=honeycomb`);
      return {
        link: page + hrefOf(tracePlace(trace_id, span_id)),
        events: Array.isArray(form) ? form : [form],
      };
    }
    const trace = await ask<Static<typeof Trace>>(`${path}?${searchOf({ offset, limit, root })}`);
    const model = buildModel(await ask<TraceOutline>(`${path}/outline`));
    const next = offset + trace.spans.length;
    return {
      link: page + hrefOf({ view: 'trace', id: trace.trace_id, params: root === undefined ? {} : { root } }),
      trace_id: trace.trace_id,
      start: trace.start,
      duration_ms: trace.duration_ms,
      spans_total: trace.spans_total,
      errors_total: trace.errors,
      services: trace.services.slice(0, 20),
      notices: trace.notices.slice(0, 10),
      errors: model.errors.slice(0, 5).map((place) => ({
        span_id: model.spanId(place),
        service: model.service(place),
        name: model.name(place),
        message: model.problem(place) ?? model.statusMessage(place),
      })),
      waited_most_for: longestWaits(model, 5),
      ...(next < trace.visible && { next_offset: next }),
      spans: trace.spans.map((span) => ({
        span_id: span.span_id,
        parent_id: span.parent_id,
        depth: span.depth,
        service: span.service,
        name: span.name,
        kind: span.kind,
        offset_ms: span.offset_ms,
        duration_ms: span.duration_ms,
        critical_ms: span.critical_ms,
        ...(span.error && { error: true, status_message: span.status_message }),
        ...(span.children > 0 && { children: span.children, descendants: span.descendants }),
        ...(span.marks.length > 0 && { marks: span.marks }),
      })),
    };
  },
});
