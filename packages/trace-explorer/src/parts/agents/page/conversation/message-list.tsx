import { Fragment } from 'preact';
import type { Message } from '../../../../core/traces/model/call.ts';
import { Disclosure } from '../../../../page/components/disclosure.tsx';

/** Roles with a line of their own: a model's message has the ink's. */
const SIDES: ReadonlySet<string> = new Set(['user', 'assistant', 'system', 'tool']);
/** Characters of a text that is shown at once. More unfold. */
const MOST_AT_ONCE = 2000;
const FIRST = 160;

/** The messages, each with its speaker. Calls of tools and their results unfold. */
export function MessageList({ messages }: { messages: readonly Message[] }) {
  return (
    <>
      {messages.map(({ role, reason, parts }, nth) => (
        <section key={`${nth}`} class={`said-by said-by-${SIDES.has(role) ? role : 'other'}`}>
          <h3 class="label">{reason === undefined ? role : `${role}, ended by ${reason}`}</h3>
          {parts.map(({ title, text }, at) => (
            <Fragment key={`${at}`}>
              {title === undefined && text.length <= MOST_AT_ONCE ? (
                <p class="log-said">{text}</p>
              ) : (
                <Disclosure
                  label={<span class="said-title ellipsis">{title ?? `${text.slice(0, FIRST)} …`}</span>}
                >
                  <p class={title === undefined ? 'log-said' : 'log-said mono'}>{text}</p>
                </Disclosure>
              )}
            </Fragment>
          ))}
        </section>
      ))}
    </>
  );
}
