import { check } from '../check/check-command.ts';
import { CALL, explorerAt } from './explorer-client.ts';
import { runCommand } from './run-command.ts';

await runCommand((args) =>
  check(args, {
    call: `${CALL} check`,
    defaultUrl: 'FRONTEND_URL, else http://localhost:3000',
    client: explorerAt,
  }),
);
