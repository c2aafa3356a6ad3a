import { Problem } from '../api';
import type { Values } from '../i18n';
import { explain } from '../ui/problems';
import { why } from './reasons';
import { money } from './services';
import { t } from './words';

/** Why a picture was not ordered, and what to do, in one sentence or two. */
export function explainOrder(error: unknown): string {
  if (!(error instanceof Problem)) return explain(error);
  const { more } = error;
  switch (error.code) {
    case 'quota_exceeded':
    case 'budget_exceeded':
      return why({ code: error.code, values: more as Values }, error.message);
    case 'estimate_changed':
      return t('estimateChanged', { price: money(Number(more.price)) });
    case 'nothing_to_draw':
      return t('nothingToDraw');
    case 'prompt_too_long':
      return t('promptTooLong');
    case 'batch_cancelled':
      return t('batchCancelled');
    case 'no_such_description':
      return t('noSuchPassage');
    default:
      return explain(error);
  }
}
