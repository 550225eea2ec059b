import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { describeSeconds } from './describe.ts';

/** What a specification says beyond the clauses; it comes with pasted JSON, is kept, and can be taken out. */
export function OtherParts({
  query,
  onChange,
}: {
  query: QuerySpecInput;
  onChange: (query: QuerySpecInput) => void;
}) {
  const {
    calculated_fields = [],
    granularity,
    compare_time_offset_seconds: offset,
    usage_mode,
    ...rest
  } = query;
  const kept = {
    ...(calculated_fields.length > 0 && { calculated_fields }),
    ...(granularity !== undefined && { granularity }),
    ...(offset !== undefined && { compare_time_offset_seconds: offset }),
    ...(usage_mode && { usage_mode }),
  };
  const parts = [
    ...calculated_fields.map(({ name, expression }) => {
      const others = calculated_fields.filter((each) => each.name !== name);
      return { text: `${name} = ${expression}`, without: { ...rest, ...kept, calculated_fields: others } };
    }),
    ...(granularity === undefined
      ? []
      : [
          {
            text: `every ${describeSeconds(granularity)}`,
            without: omit({ ...rest, ...kept }, 'granularity'),
          },
        ]),
    ...(offset === undefined
      ? []
      : [
          {
            text: `compared with ${describeSeconds(offset)} earlier`,
            without: omit({ ...rest, ...kept }, 'compare_time_offset_seconds'),
          },
        ]),
  ];
  if (usage_mode)
    parts.push({ text: 'sample rates do not count', without: omit({ ...rest, ...kept }, 'usage_mode') });
  return parts.map(({ text, without }) => (
    <span class="chip" key={text}>
      <span class="chip-text mono">{text}</span>
      <button
        type="button"
        class="chip-remove"
        aria-label={`Remove ${text}`}
        onClick={() => onChange(without)}
      >
        ×
      </button>
    </span>
  ));
}

function omit(query: QuerySpecInput, key: keyof QuerySpecInput): QuerySpecInput {
  const { [key]: _, ...rest } = query;
  return rest;
}
