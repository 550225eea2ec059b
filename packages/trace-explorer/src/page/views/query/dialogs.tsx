import { useId, useState } from 'preact/hooks';
import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { parseJson } from '../../../shared/parse-json.ts';
import { Dialog } from '../../components/dialog.tsx';
import type { HoneycombPlace } from '../../honeycomb/honeycomb-links.ts';
import type { HoneycombPlaces } from '../../honeycomb/honeycomb-place.ts';

/** Takes a query specification as JSON, as Honeycomb's "Copy JSON" and this page's give it. */
export function PasteDialog({
  onQuery,
  onClose,
}: {
  onQuery: (query: QuerySpecInput, dataset?: string) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const id = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const { query, dataset } = await readSpecification(text);
      onQuery(query, dataset);
      onClose();
    } catch (problem) {
      if (!(problem instanceof Error)) throw problem;
      setError(problem.message);
    }
  };
  return (
    <Dialog title="Paste a query" onClose={onClose}>
      <form onSubmit={submit}>
        <label for={id}>Query specification, as Honeycomb’s API takes it, or a link with one</label>
        <textarea
          id={id}
          class="mono"
          rows={12}
          value={text}
          aria-invalid={error !== undefined}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setError(undefined);
          }}
        />
        {error !== undefined && (
          <p class="error-text" role="alert">
            {error}
          </p>
        )}
        <Choices submit="Run" onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** @throws Error that names what is wrong */
async function readSpecification(text: string): Promise<{ query: QuerySpecInput; dataset?: string }> {
  // A query template link, or a link to a query here.
  const link = URL.parse(text.trim());
  let parsed: unknown;
  try {
    parsed = parseJson(link?.searchParams.get('query') ?? text);
  } catch {
    throw new Error(
      link === null
        ? 'This is not JSON. A specification begins with { and has keys such as "calculations".'
        : 'This link holds no query: one that does has ?query={…} in it.',
    );
  }
  // Loaded when it is needed: few people paste a query.
  const { parseQuery } = await import('../../../query/parse/parse-query.ts');
  parseQuery(parsed);
  const { id: _, ...query } = parsed as QuerySpecInput & { id?: string };
  const dataset = /\/datasets\/([^/]+)/.exec(link?.pathname ?? '')?.[1] ?? link?.searchParams.get('dataset');
  return { query, ...(dataset && { dataset: decodeURIComponent(dataset) }) };
}

/** Asks where the team's data is in Honeycomb, where the services' key does not say it or another team is meant. */
export function HoneycombDialog({
  places,
  onSaved,
  onClose,
}: {
  places: HoneycombPlaces;
  onSaved: (place: HoneycombPlace) => void;
  onClose: () => void;
}) {
  const { team = '', environment = '', region = 'US' } = places.place ?? { ...places.account, region: 'US' };
  const id = useId();
  const submit = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const textOf = (name: string) => String(form.get(name)).trim();
    const isEurope = textOf('region') === 'EU';
    const place = {
      team: textOf('team'),
      environment: textOf('environment'),
      region: isEurope ? 'EU' : 'US',
    } as const;
    places.type(place);
    onSaved(place);
    onClose();
  };
  return (
    <Dialog title="Your team in Honeycomb" onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          Links need the names in your Honeycomb’s address: https://ui.honeycomb.io/<b>team</b>/environments/
          <b>environment</b>. <code>node tandem honeycomb:check</code> prints them for your key. They stay in
          this browser, and the explorer sends nothing there.
        </p>
        <label for={`${id}-team`}>Team</label>
        <input id={`${id}-team`} name="team" required autocomplete="off" defaultValue={team} />
        <label for={`${id}-environment`}>Environment (empty for classic teams)</label>
        <input id={`${id}-environment`} name="environment" autocomplete="off" defaultValue={environment} />
        <label for={`${id}-region`}>Region</label>
        <select id={`${id}-region`} name="region">
          <option value="US">US (ui.honeycomb.io)</option>
          <option value="EU" selected={region === 'EU'}>
            EU (ui.eu1.honeycomb.io)
          </option>
        </select>
        <Choices submit="Save" onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** What a form ends with: do it, or leave. */
function Choices({ submit, onClose }: { readonly submit: string; readonly onClose: () => void }) {
  return (
    <p class="choices">
      <button type="submit" class="primary">
        {submit}
      </button>
      <button type="button" onClick={onClose}>
        Cancel
      </button>
    </p>
  );
}
