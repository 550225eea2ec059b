import type { LlmMessages, Message } from '../../../../core/traces/model/call.ts';

export type ModelCall = LlmMessages & { readonly index: number };

/** The part of one call in the conversation. */
export interface Turn {
  readonly index: number;
  readonly messages: readonly Message[];
  /** Messages that it repeats of earlier calls. */
  readonly repeated: number;
  /** Notes beside the messages, or the reason for none at all. */
  readonly note?: string;
}

/** One conversation of several calls in the order of time: a message that a later call repeats is only counted. */
export function joinCalls(calls: readonly ModelCall[]): Turn[] {
  const said = new Map<string, number>();
  const sides = calls.flatMap((call) => [
    { call, at: call.start, messages: call.input, isNew: false, note: noteOf(call) },
    { call, at: call.end, messages: call.output, isNew: !call.hasCalls, note: undefined },
  ]);
  const turns: Turn[] = [];
  for (const { call, messages, isNew, note } of sides.sort((a, b) => a.at - b.at)) {
    const counts = new Map<string, number>();
    const added = messages.filter(({ role, parts }) => {
      const key = JSON.stringify([role, parts]);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      const known = said.get(key) ?? 0;
      if (isNew || count > known) said.set(key, known + 1);
      return isNew || count > known;
    });
    const repeated = messages.length - added.length;
    const last = turns.at(-1);
    if (last?.index === call.index)
      turns[turns.length - 1] = {
        ...last,
        messages: [...last.messages, ...added],
        repeated: last.repeated + repeated,
      };
    else if (added.length > 0 || note !== undefined || (repeated > 0 && !call.hasCalls))
      turns.push({ index: call.index, messages: added, repeated, ...(note !== undefined && { note }) });
  }
  return turns;
}

function noteOf({ input, output, unread, note }: ModelCall): string | undefined {
  if (note !== undefined) return note;
  if (input.length + output.length > 0) return undefined;
  if (unread.length === 0) return 'No messages were recorded.';
  return `Its messages have an unknown form: ${unread.join(', ')}. They are among its fields, events and logs.`;
}
