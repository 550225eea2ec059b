import { plainText } from '../../../../lib/text/plain-text.ts';
import { plainAttributes as plain, plainValue } from '../../../../page/values/any-value.ts';
import type { OtlpLogRecord, OtlpSpan } from '../../../../page/values/otlp-form.ts';
import { findMessages } from './conventions.ts';
import { textOf } from './messages.ts';

const FACTS =
  /^(?:gen_ai\.(?:operation|provider|system$|agent\.name|tool\.name|request\.model|response\.(?:model|finish)|usage|cost)|(?:cost_usd|ttft_ms|(?:input|output|cache_read|cache_creation)_tokens|copilot_chat\.time_to_first_token)$|llm\.(?:model_name|provider|request\.type|usage|token_count|cost)|ai\.(?:model\.|usage\.|response\.(?:model|finishReason|msToFirstChunk))|mlflow\.(?:llm\.(?:model|provider)|chat\.tokenUsage))/;
/** The event, or log record, that may have the span's messages. */
const DETAILS = 'gen_ai.client.inference.operation.details';

/** Names of fields that may have messages, and ends of such names that have none. */
const LIKELY =
  /(?<!\w)\w*(?:messages?|prompts?|completions?|inputs?|outputs?|content|history|events)(?:$|[._:])|[._:](?:request|response)$/i;
const UNLIKELY = /token|usage|mime|model|finish|cost|version|(?:type|format|count|id)$/i;
const MAX_NAMED = 10;
/** A longer name is none that a person would look for. */
const LONGEST_NAME = 200;

/** The facts about a call of a generative model, its input, and its output: by its span, and by log records of the span. */
export function readConversation(span: OtlpSpan, records: readonly OtlpLogRecord[]) {
  const events = [
    ...records.map(({ eventName, body, attributes = [] }) => ({
      name: eventName,
      content: body && plainValue(body),
      attributes,
    })),
    ...(span.events ?? []).map(({ name, attributes = [] }) => ({ name, content: undefined, attributes })),
  ].map(({ name, content, attributes }) => {
    const own = plain(attributes);
    // Formerly an event's body stood in an attribute of a span's event, and its name in one of a log record.
    return {
      name: name || textOf(own['event.name']),
      content: content ?? own['gen_ai.event.content'] ?? own,
      attributes,
    };
  });
  const details = events.filter(({ name }) => name === DETAILS);
  const attributes = plain([...details, span].flatMap((source) => source.attributes ?? []));
  const known = Object.entries(attributes).filter(([name]) => FACTS.test(name));
  return {
    facts: known.map(([name, value]) => [name, [value].flat().map(plainText).join(', ')] as const),
    ...messagesIn(attributes, events),
    unread: likelyFields(plain([...events, span].flatMap((source) => source.attributes ?? []))),
  };
}

/** The messages; none where they cannot be read, so that the fault of one span stays its own. */
function messagesIn(...sources: Parameters<typeof findMessages>): ReturnType<typeof findMessages> {
  try {
    return findMessages(...sources);
  } catch {
    return { input: [], output: [] };
  }
}

/** Names of fields that may have messages in a form that no convention has. */
function likelyFields(attributes: Readonly<Record<string, unknown>>): readonly string[] {
  const likely = Object.entries(attributes).filter(
    ([name, value]) =>
      name.length <= LONGEST_NAME &&
      LIKELY.test(name) &&
      !UNLIKELY.test(name) &&
      /[^\d.]/.test(textOf(value)),
  );
  return likely.slice(0, MAX_NAMED).map(([name]) => name);
}
