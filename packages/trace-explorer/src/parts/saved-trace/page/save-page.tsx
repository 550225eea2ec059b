import { useState } from 'preact/hooks';
import { isNamed, looksSecret, readNames, UNUSED_NAMES } from '../../../core/redaction/named-fields.ts';
import type { TraceField } from '../../../core/traces/tree/field-values.ts';
import { errorMessage, responseOf } from '../../../page/api/api.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { download } from '../../../page/browser/download.ts';
import { Checkbox } from '../../../page/components/inputs/checkbox.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';

/** Saves a trace as a page. The fields to leave out are at first those that look secret. */
export default function SavePage({ traceId }: { traceId: string }) {
  const load = useJson<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`);
  return (
    <Loaded load={load} what="Looking for secret fields">
      {({ fields }) => (
        <Choice traceId={traceId} secret={fields.map(({ name }) => name).filter(looksSecret)} />
      )}
    </Loaded>
  );
}

function Choice({ traceId, secret }: { traceId: string; secret: readonly string[] }) {
  const [redacted, setRedacted] = useState(secret.join(', '));
  const names = redacted.split(',').flatMap((name) => name.trim() || []);
  const kept = secret.filter((name) => !isNamed(name, names));
  const [withCode, setWithCode] = useState(false);
  const query = new URLSearchParams([['code', String(withCode)], ...names.map((name) => ['redact', name])]);
  const [said, setSaid] = useState('');
  const save = () => {
    setSaid('');
    savePage(`/api/traces/${traceId}/page?${query}`, `trace-${traceId}.html`).then(
      (unused) => unused.length > 0 && setSaid(`No field of this trace has the name ${unused.join(', ')}`),
      (error: unknown) => setSaid(errorMessage(error)),
    );
  };
  return (
    <>
      <label>
        Fields to redact
        <input
          value={redacted}
          placeholder="user.email, http.request.header.*"
          onInput={({ currentTarget }) => setRedacted(currentTarget.value)}
        />
      </label>
      <Checkbox label="With the lines of code" checked={withCode} onChange={setWithCode} />
      {said !== '' && <p class="error-text">{said}</p>}
      {kept.length > 0 && <p class="error-text">These fields look secret: {kept.join(', ')}</p>}
      <p>
        <button type="button" onClick={save} title="A file that opens in any browser without the explorer">
          Page (.html)
        </button>
      </p>
    </>
  );
}

/** Downloads the page. @returns the names that the trace lacks, which a link's download would not tell @throws Error */
async function savePage(address: string, name: string): Promise<string[]> {
  const answer = await responseOf(address, {});
  download(await answer.blob(), name);
  return readNames(answer.headers.get(UNUSED_NAMES));
}
