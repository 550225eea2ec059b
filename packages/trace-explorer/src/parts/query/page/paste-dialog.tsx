import { useId } from 'preact/hooks';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { parseJson } from '../../../lib/text/parse-json.ts';
import { FormDialog } from '../../../page/components/overlays/form-dialog.tsx';
import type { QueryDraft } from './shown-query.ts';

/** Takes a query specification as JSON, from Honeycomb's "Copy JSON" or from this page. */
export default function PasteDialog({ ask, onClose }: Pick<QueryDraft, 'ask'> & { onClose: () => void }) {
  const id = useId();
  const run = async ({ text = '' }: Readonly<Record<string, string>>) => {
    const { query, dataset } = await readSpecification(text);
    ask(query, dataset);
  };
  return (
    <FormDialog title="Paste a query" submit="Run" onSubmit={run} onClose={onClose}>
      {(isRefused) => (
        <>
          <label for={id}>Query specification, as Honeycomb’s API takes it, or a link with one</label>
          <textarea id={id} name="text" class="mono" rows={12} aria-invalid={isRefused} />
        </>
      )}
    </FormDialog>
  );
}

/** @throws Error that names the mistake */
async function readSpecification(text: string): Promise<{ query: QuerySpecInput; dataset?: string }> {
  // A query template link of Honeycomb, or a link to a query of the explorer.
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
  // Loaded at first use, because few people paste a query.
  const { parseQuery } = await import('../../../core/query/parse/parse-query.ts');
  parseQuery(parsed);
  const { id: _, ...query } = parsed as QuerySpecInput & { id?: string };
  const dataset = /\/datasets\/([^/]+)/.exec(link?.pathname ?? '')?.[1] ?? link?.searchParams.get('dataset');
  return { query, ...(dataset && { dataset: decodeURIComponent(dataset) }) };
}
