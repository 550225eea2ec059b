import { useEffect, useRef, useState } from 'preact/hooks';
import { postFile } from '../../../api.ts';
import { Busy } from '../../../components/busy.tsx';
import { formatCount } from '../../../format.ts';
import { tracePlace } from '../../../shell/place.ts';
import { go } from '../../../shell/router.ts';

interface Imported {
  readonly spans: number;
  readonly rejected: number;
  readonly rejected_reason: string;
  readonly trace_ids: readonly string[];
}

/** Stores a file of OTLP JSON, such as an exported trace: chosen, or dropped anywhere on the page. */
export function ImportButton() {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ readonly text: string; readonly failed: boolean }>();
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    setBusy(true);
    setSaid(undefined);
    try {
      const { spans, rejected, rejected_reason, trace_ids } = await postFile<Imported>('/api/import', file);
      const refused = rejected === 0 ? '' : ` ${formatCount(rejected)} were refused: ${rejected_reason}`;
      setSaid({
        text: `${formatCount(spans)} spans imported from ${file.name}.${refused}`,
        failed: rejected > 0 || spans === 0,
      });
      const [first] = trace_ids;
      if (trace_ids.length === 1 && first !== undefined) {
        // A trace that is shown already stays as it is shown.
        if (!location.pathname.endsWith(first)) go(tracePlace(first));
      } else if (trace_ids.length > 1) go({ view: 'traces', params: {} });
    } catch (error) {
      setSaid({ text: `${file.name}: ${error instanceof Error ? error.message : error}`, failed: true });
    } finally {
      setBusy(false);
    }
  };
  const dropping = useDrop(take);
  return (
    <span class="import">
      <button type="button" disabled={busy} onClick={() => input.current?.click()}>
        Import …
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept="application/json,.json"
        aria-label="A file of OTLP JSON"
        onChange={({ currentTarget }) => {
          void take(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
      {busy && <Busy what="Importing" />}
      <span role="status" class={said?.failed ? 'error-text' : 'muted'}>
        {said?.text}
      </span>
      {dropping && <span class="trace-drop">Drop a file of OTLP JSON to import it</span>}
    </span>
  );
}

/** Takes files that are dropped on the page; tells whether one is held over it. */
function useDrop(onFile: (file: File | undefined) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFile);
  latest.current = onFile;
  useEffect(() => {
    const controller = new AbortController();
    const listen = (type: 'dragover' | 'dragleave' | 'drop', handler: (event: DragEvent) => void) =>
      document.addEventListener(
        type,
        (event) => event.dataTransfer?.types.includes('Files') && handler(event),
        {
          signal: controller.signal,
        },
      );
    listen('dragover', (event) => {
      event.preventDefault();
      setOver(true);
    });
    listen('dragleave', (event) => event.relatedTarget === null && setOver(false));
    listen('drop', (event) => {
      event.preventDefault();
      setOver(false);
      latest.current(event.dataTransfer?.files[0]);
    });
    return () => controller.abort();
  }, []);
  return over;
}

/** Saves the trace as OTLP JSON. */
export function ExportLink({ traceId }: { traceId: string }) {
  return (
    <a
      class="button"
      href={`/api/traces/${traceId}/export`}
      download={`trace-${traceId}.json`}
      title="All spans as OTLP JSON"
    >
      Export
    </a>
  );
}
