import type { Static } from 'typebox';
import Type from 'typebox';
import { CATEGORIES } from './score.ts';

const text = Type.String();
const count = Type.Integer();

const Violation = Type.Object({
  rule: Type.String({ description: 'id of the specification’s rule, or a name of the explorer’s own' }),
  impact: Type.Optional(
    Type.String({ description: 'of the specification’s rules: the loss of the score by it' }),
  ),
  title: Type.String({ description: 'the rule in plain words' }),
  sentence: text,
  mend: Type.String({ description: 'the line of code, the variable or the setting that mends it' }),
  count: Type.Integer({ description: 'spans, log records or traces' }),
  place: Type.String({ description: 'path of the page with a span or log record that shows it' }),
});

const ServiceReport = Type.Object({
  service: text,
  language: Type.Optional(Type.String({ description: '`telemetry.sdk.language`' })),
  spans: count,
  logs: count,
  score: Type.Number({ description: '0 to 100, by the Instrumentation Score specification' }),
  category: Type.Enum(CATEGORIES),
  holding: Type.Array(text, { description: 'the specification’s rules that hold' }),
  violations: Type.Array(Violation, {
    description: 'failing rules; rules without an impact change no score',
  }),
});

/** Whether the telemetry of a range is right, by service. */
export const Report = Type.Object({
  specification: Type.Object({ version: text, commit: text }),
  conventions: Type.String({ description: 'release of the semantic conventions' }),
  start_time: Type.Number({ description: 'seconds since the epoch' }),
  end_time: Type.Number({ description: 'seconds since the epoch' }),
  looked_at: Type.Integer({ description: 'rows looked at whole, for types, levels, limits and secrets' }),
  of: Type.Integer({ description: 'spans and log records of the range' }),
  not_measured: Type.Array(Type.Object({ rule: text, reason: text })),
  services: Type.Array(ServiceReport, { description: 'the lowest score first' }),
});

export type Violation = Static<typeof Violation>;
export type ServiceReport = Static<typeof ServiceReport>;
export type Report = Static<typeof Report>;
