import Type from 'typebox';
import type { LogPage } from '../../../core/logs/schemas.ts';
import { FilterQuery } from '../../../core/logs/schemas.ts';
import { logsPlace } from '../../../core/places/logs-place.ts';
import { linkTo } from '../../../core/places/place.ts';
import { limit } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';
import { searchOf } from '../../../lib/text/search-of.ts';

/** Attributes in the answer per record. */
const MAX_ATTRIBUTES = 20;

const { service, level, text, field, start_time, end_time } = FilterQuery.properties;

export const getLogs = tool({
  name: 'get_logs',
  title: 'Log records',
  description:
    'Log records, newest first: of a service, a level and above, with a text in them, with values of fields, or of one trace.',
  input: {
    service,
    level,
    text,
    field,
    trace_id: Type.Optional(Type.String({ description: 'Only records of this trace.' })),
    start_time,
    end_time,
    limit: limit(20, 100),
    cursor: Type.Optional(Type.String({ description: '`next_cursor` of the previous answer.' })),
  },
  async run({ limit = 20, field = [], ...rest }, { ask, page }) {
    const { logs, next } = await ask<LogPage>(`/api/logs?${searchOf({ ...rest, limit, field })}`);
    const place = logsPlace({
      service: rest.service,
      level: rest.level,
      text: rest.text ?? '',
      fields: field,
      start: rest.start_time,
      end: rest.end_time,
      tail: false,
    });
    return {
      link: linkTo(
        page,
        rest.trace_id === undefined ? place : { view: 'trace', id: rest.trace_id, params: { logs: 'list' } },
      ),
      ...(next !== undefined && { next_cursor: next }),
      logs: logs.map(({ id: _, time_ns: _time, severity_code: _code, attributes, ...told }) => ({
        ...told,
        attributes: Object.fromEntries(Object.entries(attributes).slice(0, MAX_ATTRIBUTES)),
      })),
    };
  },
});
