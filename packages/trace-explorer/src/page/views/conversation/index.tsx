import '../../common.ts';
import type { ComponentChildren } from 'preact';
import { hrefOf, tracePlace } from '../../../places/place.ts';
import { visibleName } from '../../../shared/harmless-text.ts';
import { traceIdField } from '../../../shared/trace-id.ts';
import { useLoad } from '../../api/use-load.ts';
import type { ViewProps } from '../../browser/router.ts';
import { track } from '../../browser/under-way.ts';
import { ServiceName } from '../../components/services/service-name.tsx';
import { EmptyState } from '../../components/states/empty-state.tsx';
import { Loaded } from '../../components/states/loaded.tsx';
import { Time } from '../../components/times/time.tsx';
import type { Call } from '../../conversation/conversation.ts';
import type { Turn } from '../../conversation/join-calls.ts';
import { MessageList } from '../../conversation/message-list.tsx';
import { usageText } from '../../conversation/usage.ts';
import { formatCount, formatDuration } from '../../values/format.ts';
import type { ReadConversation } from './read.ts';
import { readWhole } from './read.ts';

/** `/conversation/TRACE`: what was said to models and tools, over all traces of the conversation that the trace belongs to. */
export default function ConversationView({ place }: ViewProps) {
  const id = traceIdField(place.id ?? '');
  const load = useLoad((signal) => track(readWhole(id, signal)), [id]);
  return (
    <>
      <div class="line">
        <h1>Conversation</h1>
        <a href={hrefOf(tracePlace(id))}>The trace</a>
        <button type="button" onClick={load.reload}>
          Refresh
        </button>
      </div>
      <Loaded load={load} what="Reading the conversation">
        {(read) =>
          read.calls.length === 0 ? (
            <EmptyState title="No model was called">
              <p>The trace has no span of a generative model.</p>
            </EmptyState>
          ) : (
            <Whole read={read} />
          )
        }
      </Loaded>
    </>
  );
}

function Whole({ read }: { read: ReadConversation }) {
  const { calls, turns, models, together, traces, joinedBy, left } = read;
  const [first] = calls;
  const end = calls.reduce((last, call) => Math.max(last, call.end), 0);
  return (
    <div class="conversation">
      <dl class="figures line">
        <Fact title="Calls">{formatCount(calls.length)}</Fact>
        <Fact title="Traces">{formatCount(traces)}</Fact>
        {first !== undefined && <Fact title="Time">{formatDuration(end - first.start)}</Fact>}
        {together.given !== undefined && <Fact title="Tokens in">{formatCount(together.given)}</Fact>}
        {together.made !== undefined && <Fact title="Tokens out">{formatCount(together.made)}</Fact>}
        {together.cost !== undefined && <Fact title="Cost">${together.cost.toPrecision(3)}</Fact>}
      </dl>
      <p class="muted">
        {models.join(', ')}
        {joinedBy !== undefined && (
          <>
            {models.length > 0 && ' · '}
            joined by <code>{joinedBy.column}</code> = <code>{joinedBy.value}</code>
          </>
        )}
      </p>
      {left > 0 && (
        <p class="notice">
          {formatCount(left)} further {left === 1 ? 'trace is' : 'traces are'} not read: they are too many, or
          too large.
        </p>
      )}
      <h2 class="visually-hidden">What was said</h2>
      <ol class="turns column">
        {turns.map((turn, nth) => {
          const call = calls[turn.index];
          const isNew = turns[nth - 1]?.index !== turn.index;
          return call && <TurnItem key={`${nth}`} turn={turn} call={call} isNew={isNew} />;
        })}
      </ol>
    </div>
  );
}

function Fact({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div>
      <dt class="muted">{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function TurnItem({ turn, call, isNew }: { turn: Turn; call: Call; isNew: boolean }) {
  const { messages, repeated, note } = turn;
  const { traceId, spanId, name, service, start, end, failed, usage, hasCalls } = call;
  const used = hasCalls ? '' : usageText(usage);
  return (
    <li>
      {isNew && (
        <p class="turn-head line">
          <a href={hrefOf(tracePlace(traceId, spanId))}>{visibleName(name)}</a>
          {service !== '' && <ServiceName name={service} />}
          {failed && <span class="error-text">✗ failed</span>}
          <span class="muted">
            <Time at={start} /> · {formatDuration(end - start)}
            {used !== '' && ` · ${used}`}
            {repeated > 0 &&
              ` · after ${formatCount(repeated)} ${repeated === 1 ? 'message' : 'messages'} of before`}
          </span>
        </p>
      )}
      {note !== undefined && <p class="muted">{note}</p>}
      <MessageList messages={messages} />
    </li>
  );
}
