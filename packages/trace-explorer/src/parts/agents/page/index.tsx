import { tracePlace } from '../../../core/places/place.ts';
import { anyText, readParams } from '../../../core/places/read-params.ts';
import { onOneLine, visibleName } from '../../../lib/text/harmless-text.ts';
import { counted, times } from '../../../lib/text/words.ts';
import { traceIdField } from '../../../lib/trace-id.ts';
import { responseOf } from '../../../page/api/api.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { track } from '../../../page/browser/under-way.ts';
import { useTitle } from '../../../page/browser/use-title.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { Facts } from '../../../page/components/facts.tsx';
import { Icon } from '../../../page/components/icon.tsx';
import { Link } from '../../../page/components/link.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatCount, formatDuration } from '../../../page/values/format.ts';
import { Turns, turnId } from './conversation/turn-item.tsx';
import { readWhole } from './read.ts';

/** Kinds of failures in the list, and calls that each leads to. */
const MOST_PROBLEMS = 20;
const MOST_LINKED = 10;

const CONVERSATION_PARAMS = { by: anyText } as const;

/**
 * `/conversation/TRACE`, or `/conversation/ID?by=FIELD` without a trace: messages to and from models and tools, over all traces and
 * log records of the conversation.
 */
export default function ConversationView({ place }: ViewProps) {
  const { id = '', params } = place;
  const { by } = readParams(CONVERSATION_PARAMS, params);
  useTitle(`Conversation ${by === undefined ? traceIdField(id).slice(0, 8) : id}`);
  const load = useLoad(
    (signal) => track(readWhole(id, by, (path) => responseOf(path, { signal }))),
    [id, by],
  );
  return (
    <div class="conversation page cards">
      <div class="line">
        <h1>Conversation</h1>
        {by === undefined && (
          <Link isAction class="button at-end" to={tracePlace(traceIdField(id))}>
            <Icon name="flow" /> The trace
          </Link>
        )}
      </div>
      <Loaded isView load={load} what="Reading the conversation">
        {(read) => {
          const { calls, turns, models, together, problems, traces, joinedBy, left, hasMoreLogs } = read;
          const [first] = calls;
          if (first === undefined)
            return (
              <EmptyState title="No model was called">
                <p>No span and no log record tells of a generative model or of a coding agent.</p>
              </EmptyState>
            );
          const end = calls.reduce((last, call) => Math.max(last, call.end), 0);
          return (
            <>
              <Facts
                facts={[
                  ['Calls', formatCount(calls.length)],
                  ['Traces', formatCount(traces)],
                  ['Time', formatDuration(end - first.start)],
                  ['Tokens in', together.tokensIn && formatCount(together.tokensIn)],
                  ['Tokens out', together.tokensOut && formatCount(together.tokensOut)],
                  ['Cost', together.cost === undefined ? undefined : `$${together.cost.toPrecision(3)}`],
                ]}
              />
              <p class="muted">
                {models.join(', ')}
                {joinedBy !== undefined && (
                  <>
                    {models.length > 0 && ' · '}
                    joined by <code>{joinedBy[0]}</code> = <code>{joinedBy[1]}</code>
                  </>
                )}
              </p>
              {left > 0 && (
                <p class="notice">
                  {counted(left, 'further trace')} {left === 1 ? 'is' : 'are'} missing: they are too many, or
                  too large.
                </p>
              )}
              {hasMoreLogs && <p class="notice">It has more log records than the page reads.</p>}
              {problems.size > 0 && (
                <Card title="Failures and retries">
                  <ul class="lined">
                    {[...problems].slice(0, MOST_PROBLEMS).map(([sentence, own]) => (
                      <li key={sentence} class="strip">
                        <span class="error-mark">
                          <Icon name="error" />
                        </span>
                        <span class="line">
                          {own.slice(0, MOST_LINKED).map((call, nth) => (
                            <button
                              key={call}
                              type="button"
                              class="plain"
                              data-row
                              onClick={() => goToTurn(call)}
                            >
                              {nth === 0 ? visibleName(onOneLine(sentence)) : `again ${nth + 1}`}
                            </button>
                          ))}
                          {own.length > 1 && <span class="muted">{times(own.length)}</span>}
                        </span>
                      </li>
                    ))}
                  </ul>
                  {problems.size > MOST_PROBLEMS && (
                    <p>And {counted(problems.size - MOST_PROBLEMS, 'other')}.</p>
                  )}
                </Card>
              )}
              <h2 class="visually-hidden">What was said</h2>
              <ol class="card lined">
                <Turns calls={calls} turns={turns} model={models.length === 1 ? models[0] : undefined} />
              </ol>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
ConversationView.params = () => CONVERSATION_PARAMS;

function goToTurn(call: number): void {
  const turn = document.getElementById(turnId(call));
  turn?.scrollIntoView({ block: 'start' });
  turn?.focus({ preventScroll: true });
}
