import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import { hrefOf, tracePlace } from '../../../core/places/place.ts';
import { withRange } from '../../../core/places/shown-range.ts';
import { errorMessage, getJson } from '../../api/api.ts';
import { useLoad } from '../../api/use-load.ts';
import { go } from '../../browser/router.ts';
import { usePaused } from '../../browser/use-paused.ts';
import { useListbox } from '../../components/inputs/listbox.tsx';
import { Dialog, FormError } from '../../components/overlays/dialog.tsx';
import type { Destination } from '../../part.ts';
import type { HeaderProps } from '../header.tsx';
import {
  findDestinations,
  knownDestinations,
  matching,
  namedPlace,
  readDestinations,
} from './destinations.ts';

const HELP =
  'Paste a trace id, a traceparent, traceresponse or Server-Timing header, or a link; or write the name of a service, a route, a query (also a saved one), a view, a user or a cause.';

/** Milliseconds from the last letter to the look for it. */
const TYPED_MS = 150;

/** One box to go anywhere. A trace or a link is followed as soon as it is pasted; names are chosen from a list. */
export function GoBox({ range, onOpen, onClose }: HeaderProps & { onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState('');
  const [failed, setFailed] = useState<string>();
  const { value: read = [], busy } = useLoad(readDestinations, []);
  const known = useMemo(knownDestinations, []);
  const begun = useLoad(async () => {
    const trace = text.trim().length < SHOWN_DIGITS ? undefined : await traceBeginningWith(text);
    return trace === undefined ? undefined : destinationOf(trace);
  }, [text]);
  const sought = usePaused(text.trim(), TYPED_MS);
  const looked = useLoad((signal) => findDestinations({ text: sought, range }, signal), [sought]);
  const named = namedPlace(text) ?? (begun.stale ? undefined : begun.value);
  const found = useMemo(
    () => (named === undefined ? matching([...known, ...read, ...(looked.value ?? [])], text) : [named]),
    [known, read, looked.value, text, named],
  );
  const follow = (to: Destination) => {
    onClose();
    if (to.opens !== undefined) return onOpen(to.opens);
    // A link says itself which time it shows, and a cause is one of the time in which it was found.
    go(to.kind === 'link' || to.kind === 'cause' ? to.place : withRange(to.place, range));
  };
  const suggestions = useListbox({
    items: found,
    label: 'Where to',
    isShown: found.length > 0,
    keyOf: (each) => `${each.kind} ${each.text} ${each.detail} ${hrefOf(each.place)}`,
    draw: (each) => (
      <>
        <span title={each.text}>{each.text}</span>
        <span class="muted" title={each.detail}>
          <span class="tag">{each.kind}</span> {each.detail}
        </span>
      </>
    ),
    onTake: follow,
    first: text.trim() === '' ? -1 : 0,
  });
  const { taken } = suggestions;
  /** The text with which Enter was pressed before anything fitted. */
  const [entered, setEntered] = useState<string>();
  const isReading = busy || looked.busy || sought !== text.trim();
  const submit = async () => {
    if (taken !== undefined) return follow(taken);
    if (text.trim() === '') return;
    try {
      const trace = await traceBeginningWith(text);
      if (trace !== undefined) return follow(destinationOf(trace));
      setEntered(text);
    } catch (error) {
      setFailed(errorMessage(error));
    }
  };
  // Names that are still being read may have it.
  useEffect(() => {
    if (entered !== text) return;
    if (taken !== undefined) return follow(taken);
    if (isReading) return;
    setEntered(undefined);
    setFailed(`No stored trace has an id that begins with “${text.trim()}”.`);
  }, [entered, text, taken, isReading]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void submit();
    else if (event.key === 'Tab' && !event.shiftKey && found.length === 1) void submit();
    else if (!suggestions.move(event)) return;
    event.preventDefault();
  };
  const nothing = found.length === 0 && !isReading && !isTraceId(text);
  const error = nothing ? `Nothing is named “${text.trim()}”.` : failed;
  return (
    <Dialog title="Go to anything" isWide onClose={onClose}>
      <div class="go column">
        <input
          {...suggestions.line}
          aria-label="Trace, link, service, route or query"
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-help`}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            suggestions.reset();
            setFailed(undefined);
          }}
          onPaste={(event) => {
            const pasted = namedPlace(event.clipboardData?.getData('text') ?? '');
            if (pasted === undefined) return;
            event.preventDefault();
            follow(pasted);
          }}
          onKeyDown={onKeyDown}
        />
        <FormError error={error} />
        <p id={`${id}-help`} class="meta">
          {HELP}
        </p>
        {suggestions.list}
        {busy && <p class="muted">Reading services, routes and saved queries …</p>}
      </div>
    </Dialog>
  );
}

/** Digits of a trace's id that lists show. As many are looked up while a person types. */
const SHOWN_DIGITS = 8;

function destinationOf(trace: string): Destination {
  return { kind: 'trace', text: `Trace ${trace}`, place: tracePlace(trace) };
}

function isTraceId(text: string): boolean {
  return /^[0-9a-f]{4,31}$/iu.test(text.trim());
}

/** The newest trace whose id begins so; undefined where none is stored. */
async function traceBeginningWith(text: string): Promise<string | undefined> {
  if (!isTraceId(text)) return undefined;
  const { traces } = await getJson<{ traces: { trace_id: string }[] }>(
    `/api/traces?limit=1&trace_id=${text.trim().toLowerCase()}`,
  );
  return traces[0]?.trace_id;
}
