import { useState } from 'preact/hooks';
import { isNamed, looksSecret } from '../../../../saved-trace/named-fields.ts';
import { Popover } from '../../../components/overlays/popover.tsx';
import { Loaded } from '../../../components/states/loaded.tsx';
import { useTraceFields } from '../state/use-trace-fields.ts';

/** Saves the trace as OTLP JSON, or as a page. */
export function SaveMenu({ traceId }: { traceId: string }) {
  return (
    <Popover label="Save …" title="The trace as a file" class="popover save-menu">
      {() => <Files traceId={traceId} />}
    </Popover>
  );
}

/** The files for a trace, and the fields whose values are left out: at first the fields that look secret. */
function Files({ traceId }: { traceId: string }) {
  const load = useTraceFields(traceId);
  return (
    <Loaded load={load} what="Looking for secret fields">
      {(fields) => <Choice traceId={traceId} secret={fields.map(({ name }) => name).filter(looksSecret)} />}
    </Loaded>
  );
}

function Choice({ traceId, secret }: { traceId: string; secret: readonly string[] }) {
  const [redacted, setRedacted] = useState(secret.join(', '));
  const names = redacted.split(',').flatMap((name) => name.trim() || []);
  const kept = secret.filter((name) => !isNamed(name, names));
  const query = new URLSearchParams(names.map((name) => ['redact', name]));
  const file = (part: string, end: string, label: string, about: string) => (
    <a
      class="button"
      href={`/api/traces/${traceId}/${part}${names.length === 0 ? '' : `?${query}`}`}
      download={`trace-${traceId}.${end}`}
      title={about}
    >
      {label}
    </a>
  );
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
      {kept.length > 0 && <p class="error-text">⚠ These fields look secret: {kept.join(', ')}</p>}
      <p>
        {file(
          'page',
          'html',
          'Page (.html)',
          'This view as one file, which opens in any browser without the explorer',
        )}
      </p>
      <p>
        <a class="button" href={`/api/traces/${traceId}/export`} download={`trace-${traceId}.json`}>
          OTLP JSON
        </a>{' '}
        has every span and log line as it was sent, nothing redacted.
      </p>
    </>
  );
}
