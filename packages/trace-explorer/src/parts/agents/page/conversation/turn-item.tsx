import { NO_SPAN, tracePlace } from '../../../../core/places/place.ts';
import { onOneLine, visibleName } from '../../../../core/shared/harmless-text.ts';
import { counted } from '../../../../core/shared/words.ts';
import type { Call } from '../../../../core/traces/model/call.ts';
import { isCounted, usageText } from '../../../../core/traces/model/usage.ts';
import { Link } from '../../../../page/components/link.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import { formatDuration } from '../../../../page/values/format.ts';
import type { Turn } from './join-calls.ts';
import { MessageList } from './message-list.tsx';
import { StepIcon } from './step-icon.tsx';

interface TurnsProps {
  readonly calls: readonly Call[];
  readonly turns: readonly Turn[];
  /** Selects a call's span. Without it, the call's name links to the span. */
  readonly onSelect?: ((call: Call) => void) | undefined;
}

/** The id of a call's first turn in the page. */
export function turnId(call: number): string {
  return `call-${call}`;
}

/** The turns of a conversation. A call may have several, one after the other. */
export function Turns({ calls, turns, onSelect }: TurnsProps) {
  return turns.map((turn, nth) => {
    const call = calls[turn.index];
    const isNew = turns[nth - 1]?.index !== turn.index;
    return call && <TurnItem key={`${nth}`} turn={turn} call={call} isNew={isNew} onSelect={onSelect} />;
  });
}

interface Props extends Pick<TurnsProps, 'onSelect'> {
  readonly turn: Turn;
  readonly call: Call;
  readonly isNew: boolean;
}

/** The messages of a call, below its name, time and use. */
function TurnItem({ turn, call, isNew, onSelect }: Props) {
  const { messages, repeated, note } = turn;
  const { traceId, spanId, service, start, end, failed, problem, attempt = 1, usage, meanwhile = [] } = call;
  const name = visibleName(call.name);
  const isModel = usage.model !== undefined || isCounted(usage);
  const facts = [
    attempt > 1 && `attempt ${attempt}`,
    repeated > 0 && `after ${counted(repeated, 'message')} of before`,
  ];
  const costs = [formatDuration(end - start), call.hasCalls ? '' : usageText(usage)];
  return (
    <li class="turn column" {...(isNew && { id: turnId(turn.index), tabIndex: -1 })}>
      {isNew && (
        <p class="turn-head line">
          <StepIcon of={call.tool !== undefined ? 'tool' : isModel ? 'model' : 'prompt'} />
          {onSelect !== undefined && (
            <button type="button" class="plain strong" onClick={() => onSelect(call)}>
              {name}
            </button>
          )}
          {onSelect === undefined && traceId === '' && <bdi>{name}</bdi>}
          {onSelect === undefined && traceId !== '' && (
            <Link to={tracePlace(traceId, spanId || NO_SPAN)}>{name}</Link>
          )}
          {service !== '' && <ServiceLink name={service} />}
          {failed && <span class="tag err">failed</span>}
          <span class="faint">
            <Time at={start} /> {facts.filter(Boolean).join(' · ')}
          </span>
          <span class="at-end meta">{costs.filter(Boolean).join(' · ')}</span>
        </p>
      )}
      {isNew && failed && problem && <p class="error-text">{visibleName(onOneLine(problem))}</p>}
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
}
