import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';

/** What a specification says beyond the clauses; it comes with pasted JSON, is kept, and can be taken out. */
export function OtherParts({
  query,
  onChange,
}: {
  query: QuerySpecInput;
  onChange: (query: QuerySpecInput) => void;
}) {
  const { usage_mode, ...rest } = query;
  if (!usage_mode) return null;
  const text = 'sample rates do not count';
  return (
    <span class="chip">
      <span class="chip-text mono">{text}</span>
      <button type="button" class="chip-remove" aria-label={`Remove ${text}`} onClick={() => onChange(rest)}>
        ×
      </button>
    </span>
  );
}
