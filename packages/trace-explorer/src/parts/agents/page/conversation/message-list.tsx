import { Fragment } from 'preact';
import type { Message } from '../../../../core/traces/model/call.ts';
import { Disclosure } from '../../../../page/components/disclosure.tsx';

/** Characters of a text that is shown at once. More unfold. */
const MOST_AT_ONCE = 2000;
const FIRST = 160;

/** The messages, each with its speaker. Calls of tools and their results unfold. */
export function MessageList({ messages }: { messages: readonly Message[] }) {
  return (
    <>
      {messages.map(({ role, reason, parts }, nth) => (
        <section key={`${nth}`} class={role === 'assistant' ? 'said-by-assistant' : undefined}>
          <h3 class="label">{reason === undefined ? role : `${role}, ended by ${reason}`}</h3>
          {parts.map(({ title, text }, at) => (
            <Fragment key={`${at}`}>
              {title === undefined && text.length <= MOST_AT_ONCE ? (
                <p class="said">{text}</p>
              ) : (
                <Disclosure label={<span class="ellipsis">{title ?? `${text.slice(0, FIRST)} …`}</span>}>
                  <p class={title === undefined ? 'said' : 'said mono'}>{text}</p>
                </Disclosure>
              )}
            </Fragment>
          ))}
        </section>
      ))}
    </>
  );
}
