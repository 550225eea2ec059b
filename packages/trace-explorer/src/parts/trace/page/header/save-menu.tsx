import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { lazy } from '../../../../page/components/states/lazy.tsx';
import { shownParts } from '../../../../page/shown-parts.ts';

/** Saves the trace in a form of another part, or as OTLP JSON. */
export function SaveMenu({ traceId }: { traceId: string }) {
  return (
    <Popover icon="download" label="Save …" button="ghost" title="The trace as a file" class="popover">
      {() => (
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
      )}
    </Popover>
  );
}
