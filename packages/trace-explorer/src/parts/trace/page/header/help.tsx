import type { ComponentChildren } from 'preact';
import { Icon } from '../../../../page/components/icon.tsx';
import { Dialog } from '../../../../page/components/overlays/dialog.tsx';
import { LevelSign } from '../../../../page/log-lines/level-sign.tsx';

const COLUMNS = { '--columns': '5.5rem 1fr' };
const SPLIT = { '--split': '1fr 1fr' };
const MARKED = { left: '1.5rem' };
/** Each sign as the waterfall draws it, with its meaning. */
const SIGNS: readonly (readonly [sign: ComponentChildren, says: string])[] = [
  [<span key="bar" class="bar" />, 'a span, in the colour of its service: when it ran, and for how long'],
  [<span key="error" class="bar bar-error" />, 'a ring: the span failed'],
  [
    <>
      <span class="bar" />
      <span class="bar-critical" />
    </>,
    'a dark line: the critical path, where the trace waited for this span itself',
  ],
  [<span key="other" class="bar-other" />, 'a dashed outline: how long the span took in the other trace'],
  [
    <span key="wait" class="bar-wait" />,
    'a dashed line before a span: how long a message waited in its queue',
  ],
  [
    <>
      <span class="bar" />
      <span class="bar-stall" />
    </>,
    'hatched grey over a bar: the span’s process stood still; before a bar, it could not begin the request',
  ],
  [<span key="event" class="event-mark" style={MARKED} />, 'a diamond: an event'],
  [<span key="exception" class="event-mark exception" style={MARKED} />, 'a square: an exception'],
  [
    <>
      <LevelSign kind="info" /> <LevelSign kind="warn" /> <LevelSign kind="error" />
    </>,
    'log lines: information, warning, error; a number beside a sign counts several at one point',
  ],
  [
    <span key="children" class="tag fold">
      3
    </span>,
    'a number in a box, while you point at a row: children of the span; a press hides them',
  ],
  [
    <span key="folded" class="tag fold folded primary">
      +12
    </span>,
    'hidden spans below',
  ],
  [
    <span key="sampled" class="muted">
      ×10
    </span>,
    'beside the trace’s length: a sample, for ten traces',
  ],
  [
    <span key="mark" class="error-mark">
      <Icon name="error" />2
    </span>,
    'errors in hidden spans',
  ],
  [
    <span key="odd" class="odd-mark">
      <Icon name="alert" />
    </span>,
    'something is odd, such as a missing parent; the span’s details say what',
  ],
  [
    <span key="self" class="own-part" style={{ '--own': 'var(--c1)' }}>
      <span class="service-mark" />
      <bdi>own</bdi>
    </span>,
    'own time, or self time: what a span took while none of its children ran; the bar on top adds it up by service',
  ],
];

const SHORTCUTS = [
  ['j  k', 'next and previous span'],
  ['J  K', 'next and previous trace of the list'],
  ['↑ ↓', 'next and previous span, in the tree'],
  ['→ ←', 'open and fold; to the child and the parent'],
  ['Space', 'fold or open'],
  ['Enter', 'the selected span’s details'],
  ['/', 'search'],
  ['n  N', 'next and previous match'],
  ['e  E', 'the error that caused the others, then the others; and back'],
  ['z', 'only the selected subtree, and back'],
  ['+  −  0', 'zoom the time line in at the selected span, out, all of it'],
  ['c', 'critical path'],
  ['o', 'linked spans of other traces, on the same time line'],
  ['l', 'the log lines of the trace'],
  ['?', 'these signs and keys'],
  ['Esc', 'close, or undo the zoom'],
] as const;

/** The meaning of each sign of the waterfall, and the keys of this view. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Signs and keys" onClose={onClose} isWide>
      <div class="help cards split" style={SPLIT}>
        {[SIGNS, SHORTCUTS].map((list) => (
          <dl key={list.length} class="lined" style={COLUMNS}>
            {list.map(([sign, says]) => (
              <div key={says} class="parts">
                {list === SIGNS ? (
                  <dt class="help-sign strip">{sign}</dt>
                ) : (
                  <dt>
                    <kbd>{sign}</kbd>
                  </dt>
                )}
                <dd>{says}</dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
    </Dialog>
  );
}
