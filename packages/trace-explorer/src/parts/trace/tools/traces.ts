import type { Static } from 'typebox';
import Type from 'typebox';
import { linkTo, tracePlace } from '../../../core/places/place.ts';
import { callText } from '../../../core/tools/answer.ts';
import { idSegment, limit, offset, TRACE_DIGITS, traceId } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';
import { askTrace } from '../../../core/traces/forms/ask-trace.ts';
import { describeTrace } from '../../../core/traces/forms/describe-trace.ts';
import type { List } from '../../../core/traces/list/schemas.ts';
import { ListQuery } from '../../../core/traces/list/schemas.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { longestWaits } from './trace-analysis.ts';

const { service, name, errors, min_duration_ms, max_duration_ms, field, start_time, end_time, order } =
  ListQuery.properties;

export const findTracesTool = tool({
  name: 'find_traces',
  title: 'Find traces',
  description:
    'Traces in one line each, newest or slowest first: with a service, a span’s name, an error, a duration, or values of fields.',
  advice: 'find_columns finds columns by words of their names.',
  input: {
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
    cursor: Type.Optional(Type.String({ description: '`next_cursor` of the previous answer.' })),
  },
  async run({ limit = 10, field = [], cursor, ...rest }, { ask, page }) {
    const query = searchOf({ ...rest, field, limit, cursor });
    const { traces, next } = await ask<Static<typeof List>>(`/api/traces?${query}`);
    // The page accepts one field.
    const params = Object.fromEntries(searchOf({ ...rest, field: field[0] }));
    return {
      link: linkTo(page, { view: 'traces', params }),
      ...(next !== undefined && { next_cursor: next }),
      traces: traces.map(({ services, start_ns: _, ...trace }) => ({
        ...trace,
        services: services.slice(0, 5),
        ...(services.length > 5 && { more_services: services.length - 5 }),
        link: linkTo(page, tracePlace(trace.trace_id)),
      })),
    };
  },
});

export const getTrace = tool({
  name: 'get_trace',
  title: 'One trace',
  description:
    'A trace: how long it took, its services, errors, findings (what is wrong with it, in sentences, with what to do), the spans it waited for most, and the first spans in depth-first order. offset and limit choose other spans, root the spans below one span, span_id all fields of one span.',
  advice:
    'what_is_wrong gives traces, run_query with the breakdown trace.trace_id others, and get_trace the spans of one.',
  input: {
    trace_id: traceId,
    span_id: Type.Optional(Type.String({ description: 'Only this span, with all of its fields.' })),
    root: Type.Optional(Type.String({ description: 'Only this span and the spans below it.' })),
    offset,
    limit: limit(25, 150),
  },
  async run({ trace_id, span_id, root, offset = 0, limit = 25 }, { ask, page }) {
    if (span_id !== undefined) {
      const form = await ask<Record<string, unknown>>(
        `/api/traces/${idSegment('trace_id', trace_id, TRACE_DIGITS)}/spans/${idSegment('span_id', span_id, [16])}?form=honeycomb`,
      );
      return {
        link: linkTo(page, tracePlace(trace_id, span_id)),
        events: Array.isArray(form) ? form : [form],
      };
    }
    const { model, findings } = await askTrace(idSegment('trace_id', trace_id, TRACE_DIGITS), ask);
    const top = root === undefined ? 0 : model.indexOf(root.toLowerCase());
    if (top < 0) throw new Error(`Span ${root} is not in trace ${trace_id}.`);
    const end = root === undefined ? model.count : (model.end[top] ?? model.count);
    const until = Math.min(top + offset + limit, end);
    const described = describeTrace(model, findings, { from: top + offset, until });
    const { services, findings: told, errors, spans, ...trace } = described;
    return {
      link: linkTo(page, { view: 'trace', id: model.traceId, params: root === undefined ? {} : { root } }),
      ...trace,
      errors_total: errors,
      services: services.slice(0, 20),
      findings: told.slice(0, 10).map((each) => ({ ...each, span_ids: each.span_ids.slice(0, 5) })),
      errors: model.errors.slice(0, 5).map((index) => ({
        span_id: model.spanId(index),
        service: model.service(index),
        name: model.name(index),
        message: model.problem(index) ?? model.statusMessage(index),
        line: model.line(index),
      })),
      waited_most_for: longestWaits(model, 5),
      ...(until < end && { next_offset: until - top }),
      spans: spans.map(({ start_ns: _, index: _index, parent: _parent, ...span }) => span),
      next: told
        .slice(0, 1)
        .flatMap(({ span_ids: [id] }) =>
          id === undefined ? [] : [callText('get_trace', { trace_id, span_id: id })],
        ),
    };
  },
});
