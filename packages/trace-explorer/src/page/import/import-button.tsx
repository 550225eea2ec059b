import { useRef } from 'preact/hooks';
import { Busy } from '../components/states/busy.tsx';
import { useImport } from './use-import.ts';

/** Stores chosen files. `DropFiles` takes dropped ones. */
export function ImportButton() {
  const input = useRef<HTMLInputElement>(null);
  const { busy, said, take } = useImport();
  return (
    <span class="line">
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept="application/json,.json,.jsonl,text/html,.html,application/gzip,.gz"
        aria-label="Files of OTLP JSON, saved runs or pages"
        onChange={({ currentTarget }) => {
          void take([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
      {busy && <Busy what="Importing" />}
      <span role="status" class={said?.failed ? 'error-text' : 'muted'}>
        {said?.text}
      </span>
      <button type="button" class="primary" disabled={busy} onClick={() => input.current?.click()}>
        Choose files …
      </button>
    </span>
  );
}
