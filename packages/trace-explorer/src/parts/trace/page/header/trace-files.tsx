import { lazy } from '../../../../page/components/states/lazy.tsx';
import { shownParts } from '../../../../page/shown-parts.ts';

/** The trace in the form of another part, or as OTLP JSON. */
export function TraceFiles({ traceId }: { traceId: string }) {
  return (
    <>
      {shownParts().flatMap(({ part, traceFiles = [] }) =>
        traceFiles.map((code) => {
          const File = lazy(code);
          return <File key={part.name} traceId={traceId} />;
        }),
      )}
      <p>
        <a class="button" href={`/api/export?trace_id=${traceId}`} download>
          OTLP JSON
        </a>{' '}
        has every span and log line unchanged, nothing redacted.
      </p>
    </>
  );
}
