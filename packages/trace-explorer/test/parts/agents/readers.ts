import { messagesOf } from '../../../src/parts/agents/page/conversation/messages.ts';

/** What reads somebody else's text in this part: `test/rules/received-text.test.ts` at the root takes its time. */
export const readers = {
  'messages of a model': (text: string) => messagesOf(text, 'input'),
};
