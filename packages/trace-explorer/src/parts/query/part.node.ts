import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  async routes() {
    const { savedRoutes } = await import('./server/saved-queries/routes.ts');
    const { bubbleupRoutes } = await import('./server/bubbleup/routes.ts');
    const { fieldRoutes } = await import('./server/field-use/routes.ts');
    return [savedRoutes, bubbleupRoutes, fieldRoutes];
  },
  commands: {
    query: {
      ...commands.query,
      load: async () => (await import('./command/query.ts')).queryCommand,
    },
  },
  async tools() {
    const { getDatasetColumns, findColumns } = await import('./tools/columns.ts');
    const { findQueries, listBoards } = await import('./tools/saved-queries.ts');
    const { runQueryTool, getQueryResults } = await import('./tools/query.ts');
    const { runBubbleUp } = await import('./tools/bubbleup.ts');
    return [
      getDatasetColumns,
      findColumns,
      findQueries,
      listBoards,
      runQueryTool,
      getQueryResults,
      runBubbleUp,
    ];
  },
  problems: {
    SAVED_NOT_FOUND: { status: 404, title: 'Nothing has this name' },
    NO_QUERY_FOLDER: { status: 409, title: 'There are no saved queries without a folder' },
    SAVED_EXISTS: { status: 409, title: 'Something has this name already' },
    FILE_UNREADABLE: { status: 409, title: 'A file of saved queries cannot be read' },
  },
} satisfies NodePart;
