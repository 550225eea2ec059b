/*
 * Bodies of Honeycomb's API as JSON Schema, after docs.honeycomb.io/api and the client of Honeycomb's own Terraform
 * provider: undocumented properties are refused.
 */

const strict = { type: 'object', additionalProperties: false };
const text = (minLength: number, maxLength: number) => ({ type: 'string', minLength, maxLength });
const oneOf = (...values: readonly string[]) => ({ enum: values });
const list = (items: object, maxItems = 100) => ({ type: 'array', items, maxItems });

const OPS =
  'COUNT CONCURRENCY SUM AVG COUNT_DISTINCT MAX MIN P001 P01 P05 P10 P20 P25 P50 P75 P80 P90 P95 P99 P999';
const op = oneOf(...`${OPS} HEATMAP RATE_AVG RATE_SUM RATE_MAX`.split(' '));
const filters = list({
  ...strict,
  required: ['column', 'op'],
  properties: {
    column: text(1, 255),
    op: oneOf(
      ...'= != > >= < <= starts-with does-not-start-with ends-with does-not-end-with'.split(' '),
      ...'exists does-not-exist contains does-not-contain in not-in'.split(' '),
    ),
    value: {},
  },
});
const combination = oneOf('AND', 'OR');

/** docs.honeycomb.io/api/query-specification */
export const query = {
  ...strict,
  properties: {
    calculations: list({
      ...strict,
      required: ['op'],
      properties: { op, column: text(1, 255), name: text(1, 255), filters, filter_combination: combination },
    }),
    calculated_fields: list({
      ...strict,
      required: ['name', 'expression'],
      properties: { name: text(1, 255), expression: text(1, 4095) },
    }),
    formulas: list({
      ...strict,
      required: ['name', 'expression'],
      properties: { name: text(1, 255), expression: text(1, 4095) },
    }),
    filters,
    filter_combination: combination,
    breakdowns: list(text(1, 255)),
    orders: list({
      ...strict,
      properties: { op, column: text(1, 255), order: oneOf('ascending', 'descending') },
    }),
    havings: list({ type: 'object' }),
    limit: { type: 'integer', minimum: 1, maximum: 1000 },
    time_range: { type: 'integer', minimum: 1 },
    start_time: { type: 'integer' },
    end_time: { type: 'integer' },
    granularity: { type: 'integer' },
    compare_time_offset_seconds: { type: 'integer' },
  },
};

const tags = list(
  {
    ...strict,
    required: ['key', 'value'],
    properties: {
      key: { type: 'string', pattern: '^[a-z]{1,32}$' },
      value: { type: 'string', pattern: '^[a-z][a-z0-9/-]{1,128}$' },
    },
  },
  10,
);

export const board = {
  ...strict,
  required: ['name', 'type'],
  properties: {
    name: text(1, 255),
    description: text(0, 1024),
    type: oneOf('flexible'),
    layout_generation: oneOf('manual', 'auto'),
    tags,
    preset_filters: list(
      {
        ...strict,
        required: ['column', 'alias'],
        properties: { column: text(1, 255), alias: text(1, 50) },
      },
      5,
    ),
    panels: list({
      ...strict,
      required: ['type'],
      properties: {
        type: oneOf('query', 'slo', 'text'),
        position: {
          ...strict,
          properties: {
            x_coordinate: { type: 'integer', minimum: 0 },
            y_coordinate: { type: 'integer', minimum: 0 },
            height: { type: 'integer', minimum: 1 },
            width: { type: 'integer', minimum: 1, maximum: 12 },
          },
        },
        query_panel: {
          ...strict,
          required: ['query_id', 'query_annotation_id'],
          properties: {
            query_id: text(1, 64),
            query_annotation_id: text(1, 64),
            query_style: oneOf('graph', 'table', 'combo'),
            visualization_settings: { type: 'object' },
          },
        },
        text_panel: { ...strict, required: ['content'], properties: { content: text(1, 10_000) } },
      },
    }),
  },
};

export const trigger = {
  ...strict,
  required: ['name', 'threshold', 'query'],
  properties: {
    name: text(1, 120),
    description: text(0, 1023),
    disabled: { type: 'boolean' },
    query,
    threshold: {
      ...strict,
      required: ['op', 'value'],
      properties: {
        op: oneOf('>', '>=', '<', '<='),
        value: { type: 'number' },
        exceeded_limit: { type: 'integer', minimum: 1, maximum: 5 },
      },
    },
    frequency: { type: 'integer', minimum: 60, maximum: 86_400, multipleOf: 60 },
    alert_type: oneOf('on_change', 'on_true'),
    evaluation_schedule_type: oneOf('frequency', 'window'),
    recipients: list({ ...strict, properties: { id: text(1, 64), details: { type: 'object' } } }),
    tags,
  },
};

export const derivedColumn = {
  ...strict,
  required: ['alias', 'expression'],
  properties: { alias: text(1, 255), expression: text(1, 4095), description: text(0, 255) },
};

export const queryAnnotation = {
  ...strict,
  required: ['name', 'query_id'],
  properties: { name: text(1, 320), description: text(0, 1023), query_id: text(1, 64) },
};

export const marker = {
  ...strict,
  properties: {
    type: text(1, 255),
    message: text(1, 1024),
    url: text(1, 1024),
    start_time: { type: 'integer' },
    end_time: { type: 'integer' },
  },
};
