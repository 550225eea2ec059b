import type { PagePart } from '../../../page/part.ts';
import { part as agents } from '../part.ts';
import { hasConversation, spanTabs } from './span-tabs.ts';

export const part: PagePart = {
  part: agents,
  views: { conversation: () => import('./index.tsx') },
  spanTabs,
  ofTrace: [
    {
      label: 'Conversation',
      place: (model) =>
        hasConversation(model) ? { view: 'conversation', id: model.traceId, params: {} } : undefined,
    },
  ],
};
