import arrowDown from 'lucide/dist/esm/icons/arrow-down.mjs';
import arrowRight from 'lucide/dist/esm/icons/arrow-right.mjs';
import arrowUp from 'lucide/dist/esm/icons/arrow-up.mjs';
import flow from 'lucide/dist/esm/icons/chart-gantt.mjs';
import check from 'lucide/dist/esm/icons/check.mjs';
import chevronDown from 'lucide/dist/esm/icons/chevron-down.mjs';
import chevronLeft from 'lucide/dist/esm/icons/chevron-left.mjs';
import chevronRight from 'lucide/dist/esm/icons/chevron-right.mjs';
import error from 'lucide/dist/esm/icons/circle-x.mjs';
import clock from 'lucide/dist/esm/icons/clock.mjs';
import copy from 'lucide/dist/esm/icons/copy.mjs';
import download from 'lucide/dist/esm/icons/download.mjs';
import more from 'lucide/dist/esm/icons/ellipsis.mjs';
import branch from 'lucide/dist/esm/icons/git-branch.mjs';
import info from 'lucide/dist/esm/icons/info.mjs';
import link from 'lucide/dist/esm/icons/link.mjs';
import filter from 'lucide/dist/esm/icons/list-filter.mjs';
import fit from 'lucide/dist/esm/icons/maximize.mjs';
import minus from 'lucide/dist/esm/icons/minus.mjs';
import play from 'lucide/dist/esm/icons/play.mjs';
import plus from 'lucide/dist/esm/icons/plus.mjs';
import refresh from 'lucide/dist/esm/icons/refresh-cw.mjs';
import search from 'lucide/dist/esm/icons/search.mjs';
import lines from 'lucide/dist/esm/icons/text-align-start.mjs';
import alert from 'lucide/dist/esm/icons/triangle-alert.mjs';
import x from 'lucide/dist/esm/icons/x.mjs';

/** The icons of the page, as shapes of a picture of 24 × 24: a saved page may load nothing. */
export const icons = {
  alert,
  'arrow-down': arrowDown,
  'arrow-right': arrowRight,
  'arrow-up': arrowUp,
  branch,
  check,
  'chevron-down': chevronDown,
  'chevron-left': chevronLeft,
  'chevron-right': chevronRight,
  clock,
  copy,
  download,
  error,
  filter,
  fit,
  flow,
  info,
  lines,
  link,
  minus,
  more,
  play,
  plus,
  refresh,
  search,
  x,
} as const;

export type IconName = keyof typeof icons;
