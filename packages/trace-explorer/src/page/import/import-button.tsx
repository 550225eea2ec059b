import { useEffect, useRef, useState } from 'preact/hooks';
import { tracePlace } from '../../places/place.ts';
import { documentPlaces } from '../../shared/document-places.ts';
import type { Imported } from '../../traces/forms/import-traces.ts';
import { messageOf, send } from '../ask/api.ts';
import { go } from '../browser/router.ts';
import { Busy } from '../components/states/busy.tsx';
import { formatCount } from '../values/format.ts';

/**
 * Stores a file of OTLP JSON, such as an exported trace, or a saved page. The file is chosen, or dropped anywhere on the page.
 */
export function ImportButton() {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ readonly text: string; readonly failed: boolean }>();
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    setBusy(true);
    setSaid(undefined);
    try {
      const imported = await importFile(file);
      setSaid({ text: summaryOf(file.name, imported), failed: imported.rejected > 0 || isNothing(imported) });
      const { spans, logs, trace_ids } = imported;
      const [first] = trace_ids;
      if (trace_ids.length === 1 && first !== undefined) {
        // A trace that is already open stays as it is.
        if (!location.pathname.endsWith(first)) go(tracePlace(first));
      } else if (trace_ids.length > 1) go({ view: 'traces', params: {} });
      else if (spans === 0 && logs > 0) go({ view: 'logs', params: {} });
    } catch (error) {
      setSaid({ text: `${file.name}: ${messageOf(error)}`, failed: true });
    } finally {
      setBusy(false);
    }
  };
  const dropping = useDrop(take);
  return (
    <span class="line">
      <button type="button" disabled={busy} onClick={() => input.current?.click()}>
        Import …
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept="application/json,.json,.jsonl,text/html,.html"
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

/**
 * Stores a file's documents one after the other. The browser does not parse them, because a file may be larger than the memory.
 */
async function importFile(file: File): Promise<Imported> {
  const sum = { spans: 0, logs: 0, known: 0, rejected: 0 };
  const reasons = new Set<string>();
  const traceIds = new Set<string>();
  for await (const document of documentsOf(file)) {
    const imported = await send<Imported>('POST', '/api/import', document);
    sum.spans += imported.spans;
    sum.logs += imported.logs;
    sum.known += imported.known;
    sum.rejected += imported.rejected;
    if (imported.rejected_reason !== '') reasons.add(imported.rejected_reason);
    for (const id of imported.trace_ids) traceIds.add(id);
  }
  return { ...sum, rejected_reason: [...reasons].join('; '), trace_ids: [...traceIds] };
}

/** The documents of a file. A saved page is read as a whole. */
async function* documentsOf(file: File): AsyncGenerator<Blob> {
  if (/\.html?$/i.test(file.name)) {
    const { documentsOfPage } = await import('../../saved-trace/saved-trace.ts');
    for (const document of (await documentsOfPage(await file.text())) ?? []) yield new Blob([document]);
  } else for await (const { from, to } of documentPlaces(file.stream())) yield file.slice(from, to);
}

function isNothing({ spans, logs, known }: Imported): boolean {
  return spans + logs + known === 0;
}

function summaryOf(name: string, { spans, logs, known, rejected, rejected_reason }: Imported): string {
  const lines = logs === 0 ? '' : ` and ${formatCount(logs)} log ${logs === 1 ? 'line' : 'lines'}`;
  const there = known === 0 ? '' : ` ${formatCount(known)} were there already.`;
  const refused = rejected === 0 ? '' : ` ${formatCount(rejected)} were refused: ${rejected_reason}`;
  return `${formatCount(spans)} spans${lines} imported from ${name}.${there}${refused}`;
}

/** Takes files that are dropped on the page. Returns whether a file is being held over it. */
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
