/** The filter of a list by service; `undefined` stands for any. */
export function ServiceSelect({
  services,
  value,
  onChange,
}: {
  readonly services: Iterable<string>;
  readonly value: string | undefined;
  readonly onChange: (service: string | undefined) => void;
}) {
  return (
    <label>
      Service{' '}
      <select
        value={value ?? ''}
        onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      >
        <option value="">any</option>
        {[...services].sort().map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
