import { Fragment } from 'preact';
import { NO_SPAN, tracePlace } from '../../../../core/places/place.ts';
import { isCounted, usageText } from '../../../../core/traces/model/agents/usage.ts';
import type { Call, Message } from '../../../../core/traces/model/call.ts';
import { onOneLine, visibleName } from '../../../../lib/text/harmless-text.ts';
import { Disclosure } from '../../../../page/components/disclosure.tsx';
import { Picture } from '../../../../page/components/icon.tsx';
import { Link } from '../../../../page/components/link.tsx';
import {
  bot as model,
  messageSquare as prompt,
  wrench as tool,
} from '../../../../page/components/lucide/of-conversations.ts';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import { counted, formatDuration } from '../../../../page/values/format.ts';
import type { Turn } from './join-calls.ts';

/** Characters of a text that is shown at once. More unfold. */
const MOST_AT_ONCE = 2000;
const FIRST = 160;

interface TurnsProps {
  readonly calls: readonly Call[];
  readonly turns: readonly Turn[];
  /** Selects a call's span. Without it, the call's name links to the span. */
  readonly onSelect?: ((call: Call) => void) | undefined;
  /** The model that all calls have, as the head of the view says: no call says it again. */
  readonly model?: string | undefined;
}

/** The id of a call's first turn in the page. */
export function turnId(call: number): string {
  return `call-${call}`;
}

/** The turns of a conversation: the messages of a call, below its name, time and use. A call may have several, one after the other. */
export function Turns({ calls, turns, onSelect, model: common }: TurnsProps) {
  return turns.map(({ index, messages, repeated, note }, nth) => {
    const call = calls[index];
    if (call === undefined) return null;
    const isNew = turns[nth - 1]?.index !== index;
    const {
      traceId,
      spanId,
      service,
      start,
      end,
      failed,
      problem,
      attempt = 1,
      usage,
      meanwhile = [],
    } = call;
    const name = visibleName(call.name);
    const isModel = usage.model !== undefined || isCounted(usage);
    const { model: own, ...others } = usage;
    const costs = [
      formatDuration(end - start),
      call.hasCalls ? '' : usageText(own === common ? others : usage),
    ];
    return (
      <li key={`${nth}`} class="turn column" {...(isNew && { id: turnId(index), tabIndex: -1 })}>
        {isNew && (
          <p class="turn-head line">
            <Picture of={call.tool !== undefined ? tool : isModel ? model : prompt} />
            {onSelect !== undefined && (
              <button type="button" class="plain strong" onClick={() => onSelect(call)}>
                {name}
              </button>
            )}
            {onSelect === undefined && traceId === '' && <bdi>{name}</bdi>}
            {onSelect === undefined && traceId !== '' && (
              <Link class="quiet strong" to={tracePlace(traceId, spanId || NO_SPAN)}>
                {name}
              </Link>
            )}
            {service !== '' && <ServiceLink name={service} />}
            {failed && <span class="tag err">failed</span>}
            <span class="faint">
              <Time at={start} /> {attempt > 1 && `attempt ${attempt}`}
            </span>
            <span class="at-end meta">{costs.filter(Boolean).join(' · ')}</span>
          </p>
        )}
        {isNew && failed && problem && <p class="error-text">{visibleName(onOneLine(problem))}</p>}
        {isNew && repeated > 0 && <p class="faint">after {counted(repeated, 'earlier message')}</p>}
        {note && <p class="muted">{visibleName(note)}</p>}
        <MessageList messages={messages} />
        {isNew && meanwhile.length > 0 && (
          <p class="muted">
            Began meanwhile, in the same run. That it caused them is a guess:{' '}
            {meanwhile.map((trace) => (
              <Link key={trace.trace_id} to={tracePlace(trace.trace_id)}>
                {visibleName(trace.name)} of {visibleName(trace.service)}
              </Link>
            ))}
          </p>
        )}
      </li>
    );
  });
}

/** Why a model ended its message, in words: of a call of a tool, each library has its own. */
function endOf(reason: string): string {
  return /^(?:tool|function)[_-]?(?:calls?|use)$/i.test(reason) ? 'asked for a tool' : `ended by ${reason}`;
}

/** The messages, each with its speaker. Calls of tools and their results unfold. */
function MessageList({ messages }: { messages: readonly Message[] }) {
  return (
    <>
      {messages.map(({ role, reason, parts }, nth) => (
        <section key={`${nth}`} class={role === 'assistant' ? 'said-by-assistant' : undefined}>
          <h3 class="label">{reason === undefined ? role : `${role}, ${endOf(reason)}`}</h3>
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
