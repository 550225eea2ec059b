import bot from 'lucide/dist/esm/icons/bot.mjs';
import message from 'lucide/dist/esm/icons/message-square.mjs';
import tool from 'lucide/dist/esm/icons/wrench.mjs';
import { Picture } from '../../../../page/components/icon.tsx';

const SHAPES = { model: bot, prompt: message, tool } as const;

/** A step's picture, as those of the frame: of a model, a tool or a prompt. */
export function StepIcon({ of }: { of: keyof typeof SHAPES }) {
  return <Picture of={SHAPES[of]} />;
}
